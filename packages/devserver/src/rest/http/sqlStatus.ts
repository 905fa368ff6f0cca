/** Statuses of single SQLSTATEs; they go before those of their class. */
const BY_CODE: Readonly<Record<string, number>> = {
  '23503': 409,
  '23505': 409,
  '25006': 405,
  '21000': 500,
  '42883': 404,
  '42P01': 404,
  '42P17': 500,
  '53400': 500,
  '57P01': 503,
  P0001: 400,
};

/** Statuses of SQLSTATE classes (the first two characters). */
const BY_CLASS: Readonly<Record<string, number>> = {
  '08': 503,
  '09': 500,
  '0L': 403,
  '0P': 403,
  '25': 500,
  '28': 403,
  '2D': 500,
  '38': 500,
  '39': 500,
  '3B': 500,
  '40': 500,
  '53': 503,
  '54': 500,
  '55': 500,
  '57': 500,
  '58': 500,
  F0: 500,
  HV: 500,
  P0: 500,
  XX: 500,
};

/**
 * The HTTP status of a SQLSTATE; 400 for what is the client's fault.
 * `PT404` and its like, raised by the database's own functions, name their status.
 * @param isAnonymous - whether the caller did not sign in: then a missing privilege is 401, else 403.
 * @see https://docs.postgrest.org/en/v13/references/errors.html#http-status-codes
 */
export function statusOfSqlState(code: string, message: string, isAnonymous: boolean): number {
  if (code === '42501') return isAnonymous ? 401 : 403;
  // A token may name a role that the database does not have.
  if (code === '22023' && /^role .* does not exist$/.test(message)) return 401;
  const named = /^PT([2-5]\d\d)$/.exec(code)?.[1];
  if (named !== undefined) return Number(named);
  if (code.startsWith('PT')) return 500;
  return BY_CODE[code] ?? BY_CLASS[code.slice(0, 2)] ?? 400;
}
