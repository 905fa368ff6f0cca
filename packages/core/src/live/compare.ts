import { compareDecimals } from '../lib/exactNumber.ts';

/**
 * Orders two column values as Postgres does for the types that queries are ordered by: numbers by value, texts by code
 * unit (right for timestamps in one zone, dates and uuids; not for names in a language), nulls last.
 *
 * @param decimal - whether texts are numbers, as those of columns named in `exact` are.
 */
export function compareValues(a: unknown, b: unknown, decimal = false): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (decimal || typeof a === 'bigint' || typeof b === 'bigint') return compareDecimals(textOf(a), textOf(b));
  const left = textOf(a);
  const right = textOf(b);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}
