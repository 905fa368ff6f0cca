import { compareUnits } from '../lib/compareUnits.ts';
import { compareDecimals } from '../lib/exactNumber.ts';
import { compareInstants } from '../lib/instant.ts';

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/**
 * Orders two values of a column as Postgres does where a client can know: numbers by value, times as moments, uuids
 * whatever their case, other texts by code unit; nulls last. The first is the column's: its type counts.
 *
 * @param decimal - whether texts are numbers, as those of columns named in `exact` are.
 */
export function compareValues(a: unknown, b: unknown, decimal = false): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (decimal || isNumber(a)) return compareDecimals(textOf(a), textOf(b));
  return compareTexts(textOf(a), textOf(b));
}

/** Orders texts as moments or uuids if both are, else by code unit. */
export function compareTexts(a: string, b: string): number {
  if (isUtc(a) && isUtc(b)) return compareUnits(a, b); // what most versions are
  if (UUID.test(a) && UUID.test(b)) return compareUnits(a.toLowerCase(), b.toLowerCase());
  return compareInstants(a, b) ?? compareUnits(a, b);
}

/** Whether {@link compareTexts} orders two texts as any database does: moments and uuids. */
export function isOrderKnown(a: string, b: string): boolean {
  return a === b || (UUID.test(a) && UUID.test(b)) || compareInstants(a, b) !== null;
}

/** Whether a text ends as PostgREST writes moments; of such, the order by code unit is that in time. */
function isUtc(text: string): boolean {
  return text.endsWith('+00:00');
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** How a query orders its rows. */
export interface RowOrder {
  readonly column: string;
  readonly ascending: boolean;
  /** Primary key columns; they break ties, ascending. */
  readonly key: readonly string[];
  /** Columns whose texts are numbers. */
  readonly exact?: readonly string[] | undefined;
}
