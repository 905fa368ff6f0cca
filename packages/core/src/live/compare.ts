import { compareDecimals } from '../lib/exactNumber.ts';

type AnyRow = Readonly<Record<string, unknown>>;

/**
 * Orders two column values as Postgres does for the types that queries are ordered by: numbers by value, texts by code
 * unit (right for timestamps in one zone, dates and uuids; not for names in a language), nulls last.
 *
 * @param decimal - whether texts are numbers, as those of columns named in `exact` are.
 */
export function compareValues(a: unknown, b: unknown, decimal = false): number {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string' && !decimal) return a < b ? -1 : 1; // what most orders are by
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (decimal || isNumber(a) || isNumber(b)) return compareDecimals(textOf(a), textOf(b));
  const [left, right] = a instanceof Date || b instanceof Date ? [timeOf(a), timeOf(b)] : [textOf(a), textOf(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : Date.parse(String(value));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
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
  return (a, b) => {
    const left = a[column];
    const right = b[column];
    const order = compareValues(left, right, decimal);
    if (order !== 0) return ascending || left === null || left === undefined || right === null || right === undefined ? order : -order;
    for (const one of parts) {
      const tie = compareValues(a[one.part], b[one.part], one.decimal);
      if (tie !== 0) return tie;
    }
    return 0;
  };
}
