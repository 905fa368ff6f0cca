import type { Tx } from '../../database/database.ts';
import type { Filter, FilterOperator } from './filter.ts';

/** A filter with the names it is looked up by, which are made once. */
export interface Condition {
  filter: Filter;
  /** Equal keys mean equal conditions. */
  key: string;
  /** Conditions of one group differ in their value only, and are one expression over all values. */
  groupKey: string;
  /** How the text of a record answers it by itself; `null` when only Postgres can say. */
  local: LocalTest | null;
}

/** A test of a value's JSON text, good while the column is of the type it was made for. */
interface LocalTest {
  /** As SQL writes it. */
  sqlType: string;
  /** The one text that passes; `null` when there may be several. */
  only: string | null;
  passes: (json: string) => boolean;
}

/** Prepares filters for a table, on which they have been checked. */
export async function conditionsOf(db: Tx, relid: number, filters: readonly Filter[]): Promise<Condition[]> {
  const shown = await shownValues(db, relid, filters);
  return filters.map((filter, index) => {
    const { column, operator, value, negate } = filter;
    return {
      filter,
      key: JSON.stringify([column, operator, negate, value]),
      groupKey: JSON.stringify([column, operator, negate, operator === 'is' ? value : '']),
      local: localTest(filter, shown.get(index)),
    };
  });
}

/** A value as records show it, and the type of its column. */
interface ShownValue {
  sqlType: string;
  json: string;
}

/** By position, the values that have one spelling in records. */
async function shownValues(db: Tx, relid: number, filters: readonly Filter[]): Promise<ReadonlyMap<number, ShownValue>> {
  const positions = filters.flatMap(({ operator, negate }, position) => (COMPARISONS[operator] !== undefined && !negate ? [position] : []));
  if (positions.length === 0) return new Map();
  const rows = await db.query<{ i: number; sql_type: string; as_json: string }>(
    'select f.i, v.sql_type, v.as_json from unnest($2::int[], $3::text[], $4::text[]) as f(i, col, val), realtime_changes.shown_value($1, f.col, f.val) as v',
    [relid, positions, positions.map((position) => filters[position]?.column), positions.map((position) => filters[position]?.value)],
  );
  return new Map(rows.map(({ i, sql_type: sqlType, as_json: json }) => [i, { sqlType, json }]));
}

const COMPARISONS: Readonly<Partial<Record<FilterOperator, (a: number, b: number) => boolean>>> = {
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
};

/** Types whose every value is a number of JavaScript, and compares as one. */
const NUMBERS = new Set(['smallint', 'integer', 'double precision']);

function localTest({ operator }: Filter, shown: ShownValue | undefined): LocalTest | null {
  const compare = COMPARISONS[operator];
  if (compare === undefined || shown === undefined) return null;
  const { sqlType, json } = shown;
  if (NUMBERS.has(sqlType)) {
    const number = Number(json);
    // NaN and infinities, which are no JSON numbers, compare by rules of their own.
    if (!Number.isFinite(number)) return null;
    return { sqlType, only: operator === 'eq' && sqlType !== 'double precision' ? json : null, passes: (other) => other !== 'null' && compare(Number(other), number) };
  }
  if (operator === 'eq') return { sqlType, only: json, passes: (other) => other === json };
  if (operator === 'neq') return { sqlType, only: null, passes: (other) => other !== 'null' && other !== json };
  return null;
}
