import type { Filter } from '../channel/defineChannel.ts';
import { wireOf } from '../channel/wireRow.ts';
import { compareValues } from './compare.ts';
import type { AnyRow } from './rowWindow.ts';

/** Whether a row meets a condition, as Postgres decides it: null meets none. */
function meets(actual: unknown, { operator, value }: Filter, decimal: boolean): boolean {
  if (actual === null || actual === undefined) return false;
  if (operator === 'in') return Array.isArray(value) && value.some((one: unknown) => compareValues(actual, one, decimal) === 0);
  const order = compareValues(actual, typeof actual === 'boolean' ? String(value) === 'true' : value, decimal);
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'neq':
      return order !== 0;
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

/** Whether a row meets all conditions; `exact` names columns whose texts are numbers. */
export function whereMatches(where: readonly Filter[], exact: readonly string[] = []): (row: AnyRow) => boolean {
  return (row) => where.every((filter) => meets(wireOf(row)[filter.column], filter, exact.includes(filter.column)));
}
