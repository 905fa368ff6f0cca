import type { Observable } from 'rxjs';
import type { RealtimeError } from '../errors.ts';
import type { SchemaIssue } from '../lib/standardSchema.ts';
import type { Store } from '../store/store.ts';
import type { BroadcastNames, BroadcastOf, ChangeType, ChannelDefinition, ParamsOf, PresenceOf, RowOf, TableNames } from './defineChannel.ts';

/**
 * - `idle` – nobody subscribes
 * - `joining` – not yet live since the first subscriber came
 * - `live` – the server has confirmed the join and, with tables, the replication subscription
 * - `reconnecting` – was live, is being made live again
 * - `disconnected` – the app closed the connection; `connection.reconnect()` brings the channel back
 * - `failed` – refused for a reason that waiting does not cure; see `error`
 * - `closed` – the client was disposed
 */
export type ChannelStatus = 'idle' | 'joining' | 'live' | 'reconnecting' | 'disconnected' | 'failed' | 'closed';

/** State of a channel. */
export interface ChannelState {
  readonly status: ChannelStatus;
  readonly previous: ChannelStatus | null;
  /** When this status began, in ms since 1970; 0 before anything happened. */
  readonly since: number;
  /** Why it is not live; null while all is well. */
  readonly error: RealtimeError | null;
}

interface ChangeBase {
  readonly schema: string;
  readonly table: string;
  /** Primary key as text; several columns are joined as a JSON array. */
  readonly key: string;
  /** Commit time in ISO 8601, ms precision; the same for all rows of a transaction. */
  readonly commitTimestamp: string | null;
}
/** A row came to be (or into sight). */
export interface InsertChange<Row> extends ChangeBase {
  readonly type: 'INSERT';
  readonly row: Row;
}
/** A row changed. `old` is what the server sent of it, not validated: the primary key only, unless REPLICA IDENTITY FULL. */
export interface UpdateChange<Row> extends ChangeBase {
  readonly type: 'UPDATE';
  readonly row: Row;
  readonly old: Partial<Row>;
}
/** A row was deleted. `old` holds the primary key, and under RLS nothing else. */
export interface DeleteChange<Row> extends ChangeBase {
  readonly type: 'DELETE';
  readonly old: Partial<Row>;
}
/** One change of a row, told apart by `type`. */
export type Change<Row> = InsertChange<Row> | UpdateChange<Row> | DeleteChange<Row>;

/** A broadcast message. */
export interface Broadcast<Event extends string, Payload> {
  readonly event: Event;
  readonly payload: Payload;
  /** What the server adds: the id of a message sent from the database, whether it was replayed. */
  readonly meta: { readonly id?: string; readonly replayed?: boolean };
}

/** One connection of a person: a tab, a device. */
export interface PresenceEntry<State> {
  /** The server's reference of this connection's state. */
  readonly ref: string;
  readonly state: State;
}
/** Who is present: connections by presence key (the user id). */
export type PresenceMap<State> = ReadonlyMap<string, readonly PresenceEntry<State>[]>;

/**
 * A time in which events of a channel may have been missed; what the channel's tables hold has to be read again. Times are
 * those of the client's clock; what was committed shortly before `since` may be missing too, for the server passes changes
 * on up to a second late.
 */
export interface Gap {
  /** Topic of the channel. */
  readonly channel: string;
  /**
   * - `rejoined` – the channel was live, was not, and is live again
   * - `resubscribed` – the server made its replication subscription again though nobody asked for it, as it does when the
   *   publication changes
   * - `woken` – the device slept, and the socket survived
   */
  readonly reason: 'rejoined' | 'resubscribed' | 'woken';
  /**
   * Until when nothing was missing, in ms since 1970: when the server was last heard before the cut, which may be up to
   * 30 s before the cut was noticed; for `resubscribed` when the subscription was last confirmed, for `woken` when the
   * device was last seen awake.
   */
  readonly since: number;
  /** From when on nothing is missing again, in ms since 1970. */
  readonly until: number;
}

/** Something that arrived and was not passed on. */
export interface InvalidPayload {
  /** Topic of the channel. */
  readonly channel: string;
  readonly kind: 'change' | 'broadcast' | 'presence' | 'snapshot';
  /** Event name: `INSERT challenge_comments`, a broadcast event, `presence_state` … */
  readonly event: string;
  /** Table, where it is about a row. */
  readonly table: string | null;
  /** Primary key of that row as text, where it is known. */
  readonly key: string | null;
  /**
   * - `schema` – the content does not satisfy its schema
   * - `malformed` – not the shape the protocol gives
   * - `incomplete` – the server left columns out (unchanged large values)
   * - `server-error` – the server said so (too large, no rights, no primary key)
   * - `inexact` – a number lost digits on its way; see `exact` of the table's definition
   * - `unknown-event` – not in the definition
   */
  readonly reason: 'schema' | 'malformed' | 'incomplete' | 'inexact' | 'server-error' | 'unknown-event';
  readonly issues: readonly SchemaIssue[];
  /** The shape of what arrived: every value replaced by the name of its type, since contents may be personal. */
  readonly sample: unknown;
}

/**
 * A joined topic, shared by everyone who opened the same definition with the same params.
 *
 * Subscribing to its store or to any of its streams holds the channel open; after the last one left it lingers
 * (1,000 ms by default) and then leaves. Streams never error.
 */
export interface Channel<D extends ChannelDefinition> {
  readonly definition: D;
  readonly params: ParamsOf<D>;
  /** Topic on the wire, without the `realtime:` prefix. */
  readonly topic: string;
  readonly store: Store<ChannelState>;
  readonly status$: Observable<ChannelState>;
  /** Changes of one table, validated, in the order they arrive. */
  changes$<T extends TableNames<D>>(table: T): Observable<Change<RowOf<D, T>>>;
  /** Messages of one broadcast event, validated. */
  broadcast$<E extends BroadcastNames<D>>(event: E): Observable<Broadcast<E, BroadcastOf<D, E>>>;
  /** Who is present: now, and after every change. */
  readonly presence$: Observable<PresenceMap<PresenceOf<D>>>;
  /**
   * Times in which events may have been missed: each comes once, when the stream is whole again and the channel live. The
   * first join is no gap, nor is what nobody held the channel open for. Changes that the server loses without a sign are
   * not seen.
   */
  readonly gaps$: Observable<Gap>;
  /** What arrived and was not passed on. */
  readonly invalid$: Observable<InvalidPayload>;
  /** Adds to {@link invalid$}: for code that reads the channel's rows elsewhere, as snapshots do. */
  reportInvalid(invalid: Omit<InvalidPayload, 'channel'>): void;
  /** How many payloads were not passed on since the channel was made. */
  readonly invalidCount: number;
  /**
   * Broadcasts to the other members; resolves when the server has taken it.
   * @throws RealtimeError `channel/not-live`, `channel/payload-invalid`, `channel/payload-too-large`, `channel/send-rejected`, `channel/send-timeout`, `client/disposed`
   */
  send<E extends BroadcastNames<D>>(event: E, payload: BroadcastOf<D, E>): Promise<void>;
  /**
   * Shares `state` with the other members, now and after every rejoin; resolves when the server has taken it or a later one.
   * Calls are merged to at most 5 per 30 s, the server's limit. Keeps nobody on the channel: those still waiting are refused
   * with `channel/not-live` when the last subscriber leaves.
   * @throws RealtimeError as {@link send}, and `auth/no-user`
   */
  track(state: PresenceOf<D>): Promise<void>;
  /** Stops sharing a state. */
  untrack(): Promise<void>;
}

export type { ChangeType };
