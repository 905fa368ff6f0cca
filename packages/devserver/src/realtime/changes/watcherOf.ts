import type { Tx } from '../../database/database.ts';
import type { ParsedBinding } from './binding.ts';
import { conditionsOf } from './condition.ts';
import type { Reader } from './visibility.ts';
import type { Subscriber, Watcher } from './watchers.ts';

/** A checked binding of a subscriber, on one of the tables it covers. */
export interface CheckedBinding {
  subscriber: Subscriber;
  reader: Reader;
  relid: number;
  bindingIndex: number;
  binding: ParsedBinding;
}

/** Prepares what can be known before the first change. */
export async function watcherOf(db: Tx, { subscriber, reader, relid, bindingIndex, binding }: CheckedBinding): Promise<Watcher> {
  const { event, filters, select } = binding;
  const conditions = await conditionsOf(db, relid, filters);
  const viewKey = JSON.stringify([reader.role, select && [...new Set(select)].sort()]);
  return { subscriber, reader, relid, bindingIndex, event, conditions, select, viewKey, alone: false };
}
