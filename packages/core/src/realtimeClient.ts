import type { SupabaseClient } from '@supabase/supabase-js';
import type { Feature, RealtimeClient, RealtimeClientOptions } from './clientTypes.ts';
import { createChannelRegistry } from './channel/channelRegistry.ts';
import type { ChannelDefinition, ParamsArgs, RowOf, TableNames } from './channel/defineChannel.ts';
import { createConnection } from './connection/connection.ts';
import { RealtimeError } from './errors.ts';
import { systemClock } from './lib/clock.ts';
import { createPlatformFrames } from './lib/frames.ts';
import { silentLogger } from './lib/logger.ts';
import { createOwnedClock } from './lib/ownedClock.ts';
import { stableKey } from './lib/stableKey.ts';
import { createWeakMemo, type WeakMemo } from './lib/weakMemo.ts';
import { createLiveQuery, type ErasedQuery } from './live/liveQuery.ts';
import { createTableReader } from './live/tableReader.ts';
import type { LiveQuery, LiveQueryOptions, Selected } from './live/types.ts';
import { holdingStore, type Store } from './store/store.ts';
import { createSupabaseWire } from './wire/supabaseWire.ts';

/** How long dispose() waits for the server to confirm that channels were left, in ms. */
const LEAVE_TIMEOUT_MS = 1_000;

/**
 * Makes the client: the root that everything hangs on. Opens no socket and starts no timer until something subscribes, so
 * it may be made while rendering on a server.
 */
export function createRealtimeClient({ supabase, user = null, lingerMs = 1_000, lostAfterMs, reconnect, logger = silentLogger, clock: platformClock = systemClock, frames: platformFrames, changeLog, outbox, random }: RealtimeClientOptions): RealtimeClient {
  const clock = createOwnedClock(platformClock);
  const wire = createSupabaseWire('realtime' in supabase ? supabase.realtime : supabase, { clock, logger, signedIn: user !== null });
  const connection = createConnection({ wire, clock, logger, random, lostAfterMs, reconnect });
  const channels = createChannelRegistry({ userId: user?.id ?? null, wire, connection, clock, logger, lingerMs, random });
  const database = (): SupabaseClient => {
    if ('realtime' in supabase) return supabase;
    throw new RealtimeError('client/no-database', 'tables cannot be read; the client was made of a RealtimeClient alone');
  };
  const reader = createTableReader(database, clock);
  const changeLogs = changeLog?.({ supabase: database, clock, logger });
  const queue = outbox?.({ supabase: database, userId: user?.id ?? null, connection: connection.store, clock, logger, random });
  const frames = platformFrames ?? createPlatformFrames(clock);
  const queries = new WeakMap<object, WeakMemo<LiveQuery<never>>>();
  const features = new WeakMap<object, WeakMemo<Feature>>();
  /** Queries and features in use: kept from being collected while only their store is referred to. */
  const inUse = new Set<object>();
  let disposing: Promise<void> | undefined;

  const live = <D extends ChannelDefinition, T extends TableNames<D>, S extends keyof RowOf<D, T> = never>({ channel: given, params, ...query }: LiveQueryOptions<D, T, S>): LiveQuery<Selected<RowOf<D, T>, S>> => {
    database(); // throws now, rather than when rows are to be read
    const channel = 'store' in given ? given : channels.get(given, ...((params === undefined ? [] : [params]) as ParamsArgs<D>)); // those of the definition beside them
    const ofChannel = memoOf(queries, channel);
    const create = (): LiveQuery<never> => createLiveQuery({ channel, ...(query as Omit<ErasedQuery, 'channel'>) }, { reader, changeLogs, optimistic: queue, clock, frames, logger, lingerMs, random }) as LiveQuery<never>; // rows satisfy the row schema, which T names
    return ofChannel.get(stableKey(query), () => retained(create(), inUse));
  };
  const feature = <F extends Feature, O>(create: (realtime: RealtimeClient, options: O) => F, options: O): F =>
    memoOf(features, create).get(stableKey(options), () => retained(create(client, options), inUse)) as F; // made by this creator

  const client: RealtimeClient = {
    user,
    get supabase() {
      return database();
    },
    clock,
    logger,
    connection: { store: connection.store, reconnect: connection.reconnect, disconnect: connection.disconnect },
    get outbox() {
      if (queue !== undefined) return queue;
      throw new RealtimeError('client/no-outbox', 'there is no queue of writes; make the client with `outbox: outbox({ actions })`');
    },
    hasOutbox: queue !== undefined,
    channel: channels.get,
    live,
    feature,
    start() {
      queue?.start();
    },
    dispose() {
      disposing ??= (async () => {
        queue?.end();
        const timeout = timer(LEAVE_TIMEOUT_MS, clock);
        await Promise.race([channels.dispose(), timeout.elapsed]);
        timeout.cancel();
        await connection.dispose();
        reader.end();
        changeLogs?.end();
        clock.end();
        inUse.clear();
      })();
      return disposing;
    },
  };
  return client;
}

function memoOf<V extends object>(memos: WeakMap<object, WeakMemo<V>>, owner: object): WeakMemo<V> {
  const memo = memos.get(owner) ?? createWeakMemo<V>();
  memos.set(owner, memo);
  return memo;
}

/** The same part, in the set for as long as somebody subscribes to its store; whoever refers to the store refers to it. */
function retained<P extends { readonly store: Store<unknown> }>(made: P, inUse: Set<object>): P {
  let subscribers = 0;
  const part: P = {
    ...made,
    store: holdingStore(made.store, () => {
      if (++subscribers === 1) inUse.add(part);
      let released = false;
      return () => {
        if (released) return;
        released = true;
        if (--subscribers === 0) inUse.delete(part);
      };
    }),
  };
  return part;
}

function timer(delayMs: number, clock: { setTimeout(callback: () => void, delayMs: number): ReturnType<typeof setTimeout>; clearTimeout(handle: ReturnType<typeof setTimeout>): void }): { elapsed: Promise<void>; cancel: () => void } {
  let cancel = (): void => undefined;
  const elapsed = new Promise<void>((resolve) => {
    const handle = clock.setTimeout(resolve, delayMs);
    cancel = () => { clock.clearTimeout(handle); };
  });
  return { elapsed, cancel };
}
