import { tokenClaims } from './tokenClaims.ts';

/** When a token expires, in ms since 1970; null for what is no JWT with an expiry. */
export function tokenExpiry(token: string): number | null {
  const { exp } = tokenClaims(token);
  return typeof exp === 'number' ? exp * 1_000 : null;
}
