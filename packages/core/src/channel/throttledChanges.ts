import { merge, type Observable } from 'rxjs';
import { conflateBy } from '../pipeline/conflateBy.ts';
import type { ConflateOptions } from '../pipeline/conflateBy.ts';
import type { ChannelDefinition, RowOf, TableNames } from './defineChannel.ts';
import type { Change, Channel } from './types.ts';

/** A change of any table of a definition; `table` tells which. */
export type AnyChange<D extends ChannelDefinition> = { [T in TableNames<D>]: Change<RowOf<D, T>> & { readonly table: T } }[TableNames<D>];

/**
 * The changes of all of a channel's tables, at most once per interval: the first at once, later ones together. Of one row
 * only the latest change is handed on, and no row is left out. Holds the channel open while subscribed.
 */
export function throttledChanges<D extends ChannelDefinition>(channel: Channel<D>, options: ConflateOptions<AnyChange<D>> = {}): Observable<readonly AnyChange<D>[]> {
  const tables = Object.keys(channel.definition.tables) as TableNames<D>[]; // the definition's own keys are the names its types are made of
  const changes = merge(...tables.map((table) => channel.changes$(table))) as Observable<unknown> as Observable<AnyChange<D>>; // each carries its table's name
  return changes.pipe(conflateBy(({ table, key }) => `${table} ${key}`, options));
}
