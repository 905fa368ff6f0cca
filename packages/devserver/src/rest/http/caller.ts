import type { Caller } from '../../database/database.ts';
import type { TokenFailure, Tokens } from '../../tokens/index.ts';
import { apiError, type ApiError } from './apiError.ts';

/** The role of requests without a token of their own. */
export const ANONYMOUS = 'anon';

/**
 * The caller that an `Authorization` header names; without a bearer token, the anonymous role.
 * @throws ApiError 401 PGRST301 for a token that cannot be trusted, PGRST303 for one whose claims are void.
 */
export async function authenticate(tokens: Tokens, authorization: string | null): Promise<Caller> {
  const token = /^Bearer(?:\s+(.*))?$/i.exec(authorization ?? '');
  if (token === null) return { role: ANONYMOUS, claims: { role: ANONYMOUS } };
  const checked = await tokens.verify(token[1]);
  if (checked.ok) return { role: checked.token.role, claims: checked.token.claims };
  const { failure } = checked;
  // PostgREST asks for neither: without a role it is the anonymous one, without an expiry it is for ever.
  if (failure.reason === 'missing-claims' && isVoid(failure.claims.exp)) {
    const { role = ANONYMOUS } = failure.claims;
    if (typeof role === 'string') return { role, claims: { ...failure.claims, role } };
  }
  throw refusalOf(failure);
}

function isVoid(exp: unknown): boolean {
  return exp === undefined || exp === null || typeof exp === 'number';
}

function refusalOf(failure: TokenFailure): ApiError {
  switch (failure.reason) {
    case 'missing':
      return invalidToken('PGRST301', 'Empty JWT is sent in Authorization header');
    case 'malformed':
      return invalidToken('PGRST301', failure.parts === 3 ? "JWT couldn't be decoded" : `Expected 3 parts in JWT; got ${failure.parts}`);
    case 'unsupported-algorithm':
      return invalidToken('PGRST301', 'Wrong or unsupported encoding algorithm', `JWT is signed with ${failure.algorithm}`);
    case 'bad-signature':
      return invalidToken('PGRST301', 'No suitable key or wrong key type', 'None of the keys was able to decode the JWT');
    case 'expired':
      return invalidToken('PGRST303', 'JWT expired');
    case 'missing-claims':
      return isVoid(failure.claims.exp)
        ? invalidToken('PGRST303', 'Parsing claims failed')
        : invalidToken('PGRST303', "The JWT 'exp' claim must be a number");
  }
}

function invalidToken(code: string, message: string, details: string | null = null): ApiError {
  // The description is quoted, so a quote of its own would end it.
  const description = JSON.stringify(message);
  return apiError(401, code, message, { details, headers: { 'www-authenticate': `Bearer error="invalid_token", error_description=${description}` } });
}
