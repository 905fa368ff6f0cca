import type { Filter } from '../channel/defineChannel.ts';
import { wireOf } from '../channel/wireRow.ts';
import { compareValues, isOrderKnown } from './compare.ts';
import type { AnyRow } from './rowWindow.ts';

/** Whether a row meets a condition, as Postgres decides it: null meets none. Null where only the database can tell. */
function meets(actual: unknown, { operator, value }: Filter, decimal: boolean): boolean | null {
  if (actual === null || actual === undefined) return false;
  if (operator === 'in') return Array.isArray(value) && value.some((one: unknown) => compareValues(actual, one, decimal) === 0);
  const order = compareValues(actual, typeof actual === 'boolean' ? String(value) === 'true' : value, decimal);
  if (operator === 'eq') return order === 0;
  if (operator === 'neq') return order !== 0;
  if (typeof actual === 'string' && !decimal && !isOrderKnown(actual, String(value))) return null;
  switch (operator) {
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
  }
}

/**
 * Whether a row meets all conditions of a query. Null where only the database can tell, which is whether a text or an enum is
 * greater than another; not of a row with the values of `known`, which meets them.
 */
export type Matches = (row: AnyRow, known?: AnyRow) => boolean | null;

/** The conditions as a function; `exact` names columns whose texts are numbers. */
export function whereMatches(where: readonly Filter[], exact: readonly string[] = []): Matches {
  return (row, known) => {
    let all: boolean | null = true;
    for (const filter of where) {
      const actual = wireOf(row)[filter.column];
      const isMet = meets(actual, filter, exact.includes(filter.column)) ?? (known !== undefined && actual === wireOf(known)[filter.column] ? true : null);
      if (isMet === false) return false;
      all = isMet && all;
    }
    return all;
  };
}
