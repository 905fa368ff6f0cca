import { asRecord } from '../lib/asRecord.ts';

/**
 * What an error of a write means, by codes alone:
 * - `network` – the server was not reached, or its answer was lost: sent again, as soon as the network is back
 * - `busy` – the server is in trouble, or another transaction was in the way: sent again
 * - `patience` – the server asks for patience (429): sent again when the time it gave is over
 * - `token` – the token is not accepted: the session is refreshed, then it is sent again
 * - `duplicate` – a row with this key is there: done, when an earlier attempt wrote it; else refused
 * - `refused` – it will not be accepted as it is: the dead letter queue
 */
export type ErrorClass = 'network' | 'busy' | 'patience' | 'token' | 'duplicate' | 'refused';

/** What is known about an error. */
export interface ErrorFacts {
  /** HTTP status; 0 when there was no answer, null when nobody says. */
  readonly status: number | null;
  /** PostgREST's code or SQLSTATE, or that of a node; null without one. */
  readonly code: string | null;
  readonly message: string;
  readonly details: string | null;
  readonly hint: string | null;
}

/** SQLSTATE classes and codes, and PostgREST's, by what they mean; the longest prefix that fits decides. */
export const CLASS_OF_CODE: Readonly<Record<string, ErrorClass>> = {
  '23505': 'duplicate',
  // Of another transaction, the server's resources, its restart, its cancelling, a standby or a full disk.
  '40001': 'busy', '40P01': 'busy', '55006': 'busy', '55P03': 'busy', '53': 'busy', '57': 'busy', '08': 'busy', '25006': 'busy',
  // Of the statement or its values: the same at every attempt, also where PostgREST answers 500.
  '09': 'refused', '0A': 'refused', '21': 'refused', '22': 'refused', '23': 'refused', '2D': 'refused', '38': 'refused', '39': 'refused',
  '3B': 'refused', '42': 'refused', '44': 'refused', '54': 'refused', '55': 'refused', 'P0': 'refused',
  // The pool, the database, or the schema cache is not there yet.
  PGRST000: 'busy', PGRST001: 'busy', PGRST002: 'busy', PGRST003: 'busy',
  // The token cannot be read, is needed, has expired, or its claims do not fit.
  PGRST300: 'busy', PGRST301: 'token', PGRST302: 'token', PGRST303: 'token',
};

/** HTTP statuses where no code decides. */
export const CLASS_OF_STATUS: Readonly<Record<number, ErrorClass>> = { 0: 'network', 401: 'token', 408: 'busy', 425: 'busy', 429: 'patience' };

/** The class of an error. Where neither code nor status is known, it is `refused`: shown to people rather than tried for ever. */
export function errorClass({ status, code }: Pick<ErrorFacts, 'status' | 'code'>): ErrorClass {
  return ofCode(code) ?? (status === null ? 'refused' : (CLASS_OF_STATUS[status] ?? (status >= 500 ? 'busy' : 'refused')));
}

function ofCode(code: string | null): ErrorClass | undefined {
  // SQLSTATEs are five characters; codes of other kinds may begin alike.
  if (code === null || !/^(?:[0-9A-Z]{5}|PGRST\d{3})$/.test(code)) return undefined;
  return CLASS_OF_CODE[code] ?? CLASS_OF_CODE[code.slice(0, 2)];
}

/**
 * What an error says of itself: a response's `error` beside its `status`, a PostgrestError that was thrown, an error of
 * Functions with its Response as `context`, or of Storage with a `status`. Null members where it says nothing.
 */
export function errorFacts(error: unknown, status: unknown): ErrorFacts {
  const { code, message, details, hint, status: ownStatus, statusCode, context } = asRecord(error);
  const known = numberOf(status) ?? numberOf(asRecord(context)['status']) ?? numberOf(ownStatus) ?? numberOf(statusCode);
  return {
    status: known,
    code: textOf(code),
    message: textOf(message) ?? textOf(error) ?? (known === null ? 'no reason was given' : `the answer was ${String(known)}, without a reason`),
    details: textOf(details),
    hint: textOf(hint),
  };
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
