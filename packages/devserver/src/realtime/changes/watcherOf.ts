import type { Tx } from '../../database/database.ts';
import type { ParsedBinding } from './binding.ts';
import { conditionOf, type Condition } from './condition.ts';
import type { ExactCondition, Subscriber, Watcher } from './watchers.ts';

/** A checked binding of a subscriber, on one of the tables it covers. */
export interface CheckedBinding {
  subscriber: Subscriber;
  relid: number;
  bindingIndex: number;
  binding: ParsedBinding;
}

/** Prepares what can be known before the first change. */
export async function watcherOf(db: Tx, { subscriber, relid, bindingIndex, binding }: CheckedBinding): Promise<Watcher> {
  const { event, filters, select } = binding;
  const conditions = filters.map(conditionOf);
  const exact = await firstExact(db, relid, conditions);
  return {
    subscriber,
    relid,
    bindingIndex,
    event,
    conditions: conditions.filter((condition) => condition !== exact?.condition),
    exact,
    select,
    viewKey: JSON.stringify([subscriber.reader.role, select && [...new Set(select)].sort()]),
  };
}

/** The first condition that says which value a column has, in a type whose values have one spelling. */
async function firstExact(db: Tx, relid: number, conditions: readonly Condition[]): Promise<ExactCondition | null> {
  for (const condition of conditions) {
    const { column, operator, value, negate } = condition.filter;
    if (operator !== 'eq' || negate) continue;
    const [found] = await db.query<{ sql_type: string; as_json: string }>('select * from realtime_changes.exact_value($1, $2, $3)', [relid, column, value]);
    if (found !== undefined) return { column, sqlType: found.sql_type, json: found.as_json, condition };
  }
  return null;
}
