import type { Observable } from 'rxjs';
import type { Change, Channel } from '../channel/types.ts';
import type { ChannelDefinition, Filter, ParamsOption, RowOf, TableNames } from '../channel/defineChannel.ts';
import type { RealtimeError } from '../errors.ts';
import type { Store } from '../store/store.ts';

/**
 * - `idle` – nobody subscribes
 * - `loading` – no rows yet
 * - `live` – rows equal the table as far as is known, changes flow
 * - `stale` – rows from before; changes may be missing until the next repair
 * - `error` – the channel or the first read failed, or reading is refused; see `error`
 */
export type LiveStatus = 'idle' | 'loading' | 'live' | 'stale' | 'error';

/** Rows of a query and how far they can be trusted. */
export interface LiveState<Row> {
  /** In the query's order, at most its limit; fewer where some of the first fail their schema, as others do not take their places. Unchanged rows keep their identity, and so does the array until one changed. */
  readonly rows: readonly Row[];
  readonly status: LiveStatus;
  /** Keys of rows that are shown as a queued write will make them, before the server confirmed it; the same set until it changed. */
  readonly pendingKeys: ReadonlySet<string>;
  /** Whether the table may have more rows than the limit: `loadMore` brings them. */
  readonly hasMore: boolean;
  /** When the rows were last compared with the table, in ms since 1970. */
  readonly syncedAt: number | null;
  /** Why the status is not `live`; null while all is well. */
  readonly error: RealtimeError | null;
  /** `live/changes-dropped` while comparing finds, again and again, rows that the server never sent; else null. */
  readonly warning: RealtimeError | null;
}

/**
 * A condition on the rows of a query, beside the channel's filter. Decided as Postgres does for numbers, times, uuids and
 * equality of other texts. Which text is greater is for the database's collation to say: with `lt`, `lte`, `gt` or `gte` on
 * text or an enum, a row whose text changed is read again before it is shown or left out.
 */
export type Where<Row> = Filter & { readonly column: keyof Row & string };

/** The columns a query was asked for; all of them when none were named. */
export type Selected<Row, S extends keyof Row> = [S] extends [never] ? Row : Pick<Row, S>;

/** Which rows of a channel's table, in what order. */
export interface LiveRowsOptions<D extends ChannelDefinition, T extends TableNames<D>, S extends keyof RowOf<D, T> = never> {
  table: T;
  /**
   * Order of the rows; ties are broken by primary key. Of text and enums, which only the database can order, a value that
   * the stream brings is placed by a guess, and where the database has it after the next comparison with the table.
   */
  orderBy: { column: keyof RowOf<D, T> & string; ascending?: boolean };
  /** Most rows to show, counting those that fail their schema; `loadMore` adds as many again. @defaultValue `100` */
  limit?: number;
  /** Conditions that rows meet, all of them. @defaultValue none but the channel's filter */
  where?: readonly Where<RowOf<D, T>>[];
  /**
   * Columns to read, for wide tables; those of the key, order, conditions and version are read as well. What the schema
   * says of other columns is not checked then, and a schema that transforms one of these must accept rows without the others.
   * @defaultValue all
   */
  select?: readonly S[];
  /**
   * Longest time between two comparisons with the table, in ms; they come up to a tenth sooner. After one that found
   * something, what is recent is looked at three times as often, until that finds nothing. `Infinity` turns the regular ones off; longer than 24.8 days is as long as that. @defaultValue `30_000` with a version column, `60_000` without one
   */
  reconcileMs?: number;
}

/**
 * A query: the channel – a definition with the params it needs, or a channel that was opened already –, and the rows of one
 * of its tables. The channel's filter for the table applies. It is joined while the query is in use.
 */
export type LiveQueryOptions<D extends ChannelDefinition, T extends TableNames<D>, S extends keyof RowOf<D, T> = never> = LiveRowsOptions<D, T, S> &
  ({ readonly channel: Channel<D>; readonly params?: undefined } | ({ readonly channel: D } & ParamsOption<D>));

/** Rows kept equal to the table while somebody subscribes. */
export interface LiveQuery<Row> {
  readonly store: Store<LiveState<Row>>;
  /**
   * What changed the rows, after it did: each change once, whether it came over the stream or was found by a repair
   * (`commitTimestamp` null). The first rows are no change, nor is a row that the limit lets in or out. A row that was
   * deleted, met the conditions no longer or is out of sight comes as DELETE, with `old` as it was held.
   */
  readonly changes$: Observable<Change<Row>>;
  /** Reads all rows again now; resolves when they are merged, rejects with a `RealtimeError` when that fails. */
  readonly refresh: () => Promise<void>;
  /** Shows as many rows more as the limit was; resolves when they are there, rejects with a `RealtimeError` when they cannot be read, and the limit is what it was. For everyone who shares the query. */
  readonly loadMore: () => Promise<void>;
}
