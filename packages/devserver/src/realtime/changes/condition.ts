import type { Filter } from './filter.ts';

/** A filter with the names it is looked up by, which are made once. */
export interface Condition {
  filter: Filter;
  /** Equal keys mean equal conditions. */
  key: string;
  /** Conditions of one group differ in their value only, and are one expression over all values. */
  groupKey: string;
}

export function conditionOf(filter: Filter): Condition {
  const { column, operator, value, negate } = filter;
  return {
    filter,
    key: JSON.stringify([column, operator, negate, value]),
    groupKey: JSON.stringify([column, operator, negate, operator === 'is' ? value : '']),
  };
}
