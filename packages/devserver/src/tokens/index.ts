export { anonKey, createTokens, DEFAULT_JWT_SECRET, serviceRoleKey } from './tokens.ts';
export type { SignOptions, TokenClaims, TokenFailure, Tokens, VerifiedToken } from './tokens.ts';
