import { createRealtimeClient, defineChannel, systemClock, type Channel, type Clock, type StandardSchema } from '@ruwad/realtime-core';
import { REALTIME_SUBSCRIBE_STATES, type RealtimeChannel } from '@supabase/supabase-js';
import type { Backend } from './backend.ts';

/** A client that holds one topic open: ours, or supabase-js as its documentation uses it. */
export interface Subject {
  /** Resolves when the topic is live, also again after a cut. */
  live(): Promise<void>;
  /** Begins to hold the topic. */
  subscribe(): void;
  /** Lets the topic go; resolves when it is left. */
  unsubscribe(): Promise<void>;
  cut: () => void;
  /** Lets a minute pass on its clock, as lies between two cuts of an app: budgets and backoffs are about that. */
  rest(): void;
  /** How often it asked to join. */
  joins(): number;
  /** What could pile up in supabase-js: handlers of the socket, and channels. */
  counts(): { handlers: number; channels: number };
  close(): Promise<void>;
}

export interface SubjectOptions {
  /** Whether it rejoins at once (supabase-js: after a millisecond), for soaks that are not about waiting. */
  eager: boolean;
  /** Whether the channel listens to a table, broadcasts and presence, and shares a state. */
  isFull: boolean;
  /** Hears of every join. */
  onJoin?: () => void;
}

const TOPIC = 'soak';
const TABLE = 'challenges';
const EVENT = 'word';
const STATE = { mood: 'fine' };

/** Takes anything: what validation costs is not what soaks are about. */
const anything: StandardSchema = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } };

const bare = defineChannel({ name: 'bare', topic: TOPIC });
const full = defineChannel({ name: 'full', topic: TOPIC, tables: { [TABLE]: { row: anything } }, broadcasts: { [EVENT]: anything }, presence: anything });

/** The SDK. */
export function ours(backend: Backend, { eager, isFull, onJoin }: SubjectOptions): Subject {
  const { realtime: supabase, joins, cut } = backend.client({ onJoin });
  const clock = skippingClock();
  const realtime = createRealtimeClient({ supabase, clock, lingerMs: 0, user: { id: 'soak' }, ...(eager && { reconnect: { rejoinMs: 0 } }) });
  const { store } = realtime.channel(isFull ? full : bare);
  let release: () => void = () => undefined;
  return {
    joins,
    cut,
    rest: () => clock.skip(60_000),
    subscribe() {
      const leave = isFull ? listen(realtime.channel(full)) : () => undefined;
      const stop = store.subscribe(() => undefined);
      release = () => {
        leave();
        stop();
      };
    },
    live: () => when((done) => store.subscribe(done), () => store.get().status === 'live'),
    async unsubscribe() {
      release();
      await when((done) => realtime.connection.store.subscribe(done), () => realtime.connection.store.get().status === 'idle');
    },
    counts: () => countsOf(supabase),
    close: () => realtime.dispose(),
  };
}

/** Listens to all that a channel has, and shares a state; returns what ends that. */
function listen(channel: Channel<typeof full>): () => void {
  const subscriptions = [channel.changes$(TABLE).subscribe(), channel.broadcast$(EVENT).subscribe(), channel.presence$.subscribe(), channel.gaps$.subscribe()];
  // Who leaves before the server took it is told.
  channel.track(STATE).catch(() => undefined);
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
}

/** supabase-js alone. */
export function raw(backend: Backend, { eager, isFull, onJoin }: SubjectOptions): Subject {
  const { realtime, joins, cut } = backend.client({ onJoin, ...(eager ? { reconnectAfterMs: 1 } : {}) });
  const listeners = new Set<() => void>();
  let isLive = false;
  let channel: RealtimeChannel | null = null;
  return {
    joins,
    cut,
    rest: () => undefined,
    subscribe() {
      const joining = (channel = realtime.channel(TOPIC, { config: { presence: { key: 'soak' } } }));
      if (isFull) {
        joining
          .on('postgres_changes', { event: '*', schema: 'public', table: TABLE }, () => undefined)
          .on('broadcast', { event: EVENT }, () => undefined)
          .on('presence', { event: 'sync' }, () => undefined);
      }
      joining.subscribe((status) => {
        isLive = status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED;
        if (isLive && isFull) void joining.track(STATE);
        for (const listener of [...listeners]) listener();
      });
    },
    live: () =>
      when(
        (done) => {
          listeners.add(done);
          return () => listeners.delete(done);
        },
        () => isLive,
      ),
    async unsubscribe() {
      if (channel !== null) await realtime.removeChannel(channel);
      isLive = false;
    },
    counts: () => countsOf(realtime),
    async close() {
      await realtime.removeAllChannels();
    },
  };
}

function countsOf(realtime: ReturnType<Backend['client']>['realtime']): { handlers: number; channels: number } {
  const handlers = Object.values(realtime.stateChangeCallbacks).reduce((sum, callbacks) => sum + callbacks.length, 0);
  return { handlers, channels: realtime.getChannels().length };
}

/** A clock that can be told to be later: budgets and backoffs ask what time it is. */
function skippingClock(): Clock & { skip(ms: number): void } {
  let skippedMs = 0;
  return { ...systemClock, now: () => systemClock.now() + skippedMs, skip: (ms) => void (skippedMs += ms) };
}

/** Resolves as soon as the condition holds, now or at a later event. */
function when(listen: (done: () => void) => () => void, holds: () => boolean): Promise<void> {
  if (holds()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = listen(() => {
      if (!holds()) return;
      stop();
      resolve();
    });
  });
}
