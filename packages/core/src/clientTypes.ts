import type { RealtimeClient as SupabaseRealtime, SupabaseClient } from '@supabase/supabase-js';
import type { ChannelDefinition, ParamsArgs, RowOf, TableNames } from './channel/defineChannel.ts';
import type { Channel } from './channel/types.ts';
import type { ReconnectOptions } from './connection/reconnectDelay.ts';
import type { Connection } from './connection/types.ts';
import type { Clock } from './lib/clock.ts';
import type { Frames } from './lib/frames.ts';
import type { Logger } from './lib/logger.ts';
import type { changeLog } from './live/changeLogSource.ts';
import type { LiveQuery, LiveQueryOptions, Selected } from './live/types.ts';
import type { OutboxFactory } from './outbox/outbox.ts';
import type { Outbox } from './outbox/types.ts';
import type { Store } from './store/store.ts';

/** Who is signed in, as the app knows them. Only `id` is ever trusted by the server; the rest is shown to others. */
export interface RealtimeUser {
  /** The id of the auth user. */
  readonly id: string;
  readonly name?: string | undefined;
  readonly avatarUrl?: string | undefined;
  /** Shown in presence and used to choose what to ask for; rights are the database's. */
  readonly role?: string | undefined;
}

/** A part with state and actions, built from channels and live queries; the bindings turn one into a hook. */
export interface Feature<State = unknown, Actions extends object = object> {
  readonly store: Store<State>;
  readonly actions: Actions;
}

/** Options of `createRealtimeClient`. */
export interface RealtimeClientOptions {
  /**
   * The app's own client; it is used, never changed. Its `RealtimeClient` alone, from `@supabase/realtime-js`, is enough for
   * channels, broadcasts and presence, and much lighter; live queries and features that read tables need the whole.
   */
  supabase: SupabaseClient | SupabaseRealtime;
  /** Who is signed in. One client per signed-in user: dispose it on sign-out. @defaultValue `null` */
  user?: RealtimeUser | null | undefined;
  /**
   * `changeLog` of this package, where the project has `supabase/optional/change_log.sql`: live queries then catch up by what
   * changed instead of comparing their rows with the table. @defaultValue none
   */
  changeLog?: typeof changeLog | undefined;
  /** `outbox({ actions })` of this package: a durable queue of writes. @defaultValue none */
  outbox?: OutboxFactory | undefined;
  /** How long a channel stays joined after its last subscriber has gone, in ms. @defaultValue `1000` */
  lingerMs?: number | undefined;
  /** How long the socket may be away before the state of the connection says `lost`, in ms. @defaultValue `5000` */
  lostAfterMs?: number | undefined;
  /** How a lost socket is tried again: at once, then with full jitter. */
  reconnect?: ReconnectOptions | undefined;
  /** @defaultValue a logger that says nothing */
  logger?: Logger | undefined;
  /** Time and timers: `createBackgroundClock()` for pages that stay open unseen, others for tests. @defaultValue the clock of the platform */
  clock?: Clock | undefined;
  /** When live rows that changed are shown. @defaultValue animation frames of a visible page, else 60 times a second at most */
  frames?: Frames | undefined;
  /** Randomness of the backoff in [0, 1); for tests. */
  random?: (() => number) | undefined;
}

/** The SDK in one object. Made by `createRealtimeClient`; opens nothing until something subscribes. */
export interface RealtimeClient {
  readonly user: RealtimeUser | null;
  /**
   * The client it was given, for features' reads and writes.
   * @throws RealtimeError `client/no-database` when it was given a `RealtimeClient` alone.
   */
  readonly supabase: SupabaseClient;
  readonly connection: Connection;
  /**
   * The durable queue of writes.
   * @throws RealtimeError `client/no-outbox` when the client was made without one.
   */
  readonly outbox: Outbox;
  /** Whether it was made with an outbox. */
  readonly hasOutbox: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The channel of a definition and its params; the same object for equal params. */
  channel<D extends ChannelDefinition>(definition: D, ...params: ParamsArgs<D>): Channel<D>;
  /** The live query of these options; the same object for equal options. */
  live<D extends ChannelDefinition, T extends TableNames<D>, S extends keyof RowOf<D, T> = never>(query: LiveQueryOptions<D, T, S>): LiveQuery<Selected<RowOf<D, T>, S>>;
  /** The feature that `create` makes of these options; the same object for equal options while it is referenced. */
  feature<F extends Feature, O>(create: (realtime: RealtimeClient, options: O) => F, options: O): F;
  /**
   * Does what waits for no subscriber: sends what earlier pages left in the outbox. The bindings' providers call it in a page;
   * without effect the second time, and without an outbox.
   */
  start(): void;
  /** Leaves every channel and closes the socket unless the app uses it too. Resolves when nothing of the SDK is left. */
  dispose(): Promise<void>;
}
