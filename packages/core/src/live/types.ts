import type { Channel } from '../channel/types.ts';
import type { ChannelDefinition, RowOf, TableNames } from '../channel/defineChannel.ts';
import type { RealtimeError } from '../errors.ts';
import type { Store } from '../store/store.ts';

/**
 * - `idle` – nobody subscribes
 * - `loading` – no rows yet
 * - `live` – rows equal the table, changes flow
 * - `stale` – rows from before; changes may be missing until the next snapshot
 * - `error` – the channel or the snapshot failed; see `error`
 */
export type LiveStatus = 'idle' | 'loading' | 'live' | 'stale' | 'error';

/** Rows of a query and how far they can be trusted. */
export interface LiveState<Row> {
  /** In the query's order, at most its limit. Unchanged rows keep their identity. */
  readonly rows: readonly Row[];
  readonly status: LiveStatus;
  /** When a snapshot was last merged, in ms since 1970. */
  readonly syncedAt: number | null;
  readonly error: RealtimeError | null;
}

/** A query: which rows of which channel's table, in what order. The channel's filter for the table applies. */
export interface LiveQueryOptions<D extends ChannelDefinition, T extends TableNames<D>> {
  channel: Channel<D>;
  table: T;
  /** Order of the rows; ties are broken by primary key. */
  orderBy: { column: keyof RowOf<D, T> & string; ascending?: boolean };
  /** Most rows to keep. @defaultValue `100` */
  limit?: number;
}

/** Rows kept equal to the table while somebody subscribes. */
export interface LiveQuery<Row> {
  readonly store: Store<LiveState<Row>>;
  /** Takes a new snapshot now; resolves when it is merged, rejects with a `RealtimeError` when it fails. */
  refresh(): Promise<void>;
}
