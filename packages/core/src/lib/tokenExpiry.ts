/** When a token expires, in ms since 1970; null for what is no JWT with an expiry. The signature is not looked at: that is the server's. */
export function tokenExpiry(token: string): number | null {
  try {
    const payload = token.split('.')[1] ?? '';
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : null;
    return typeof exp === 'number' ? exp * 1_000 : null;
  } catch {
    return null;
  }
}
