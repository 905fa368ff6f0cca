import { wireOf } from '../channel/wireRow.ts';
import { compareDecimals } from '../lib/exactNumber.ts';
import { compareInstants } from '../lib/instant.ts';

type AnyRow = Readonly<Record<string, unknown>>;

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
function compareTexts(a: string, b: string): number {
  if (UUID.test(a) && UUID.test(b)) return compareUnits(a.toLowerCase(), b.toLowerCase());
  return compareInstants(a, b) ?? compareUnits(a, b);
}

function compareUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
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

/** Compares rows as the query's `order by` does: nulls last either way, ties by primary key. */
export function rowComparator({ column, ascending, key, exact = [] }: RowOrder): (a: AnyRow, b: AnyRow) => number {
  const decimal = exact.includes(column);
  const parts = key.map((part) => ({ part, decimal: exact.includes(part) }));
  return (first, second) => {
    const [a, b] = [wireOf(first), wireOf(second)];
    const left = a[column];
    const right = b[column];
    const order = compareColumn(left, right, decimal);
    if (order !== 0) return ascending || left === null || left === undefined || right === null || right === undefined ? order : -order;
    for (const one of parts) {
      const tie = compareColumn(a[one.part], b[one.part], one.decimal);
      if (tie !== 0) return tie;
    }
    return 0;
  };
}

function compareColumn(a: unknown, b: unknown, decimal: boolean): number {
  if (typeof a === 'string' && typeof b === 'string' && !decimal) return compareUnits(a, b); // what most orders are by
  return compareValues(a, b, decimal);
}
