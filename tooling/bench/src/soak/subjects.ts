import { createRealtimeClient, defineChannel, systemClock, type Clock } from '@ruwad/realtime-core';
import { REALTIME_SUBSCRIBE_STATES } from '@supabase/supabase-js';
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
  /** Times of its joins. */
  joins: readonly number[];
  /** What could pile up: handlers of the socket, channels, timers of its own. */
  counts(): { handlers: number; channels: number; timers: number };
  close(): Promise<void>;
}

/** Options of a subject; an `eager` one of supabase-js tries again after a millisecond, for soaks that are not about waiting. */
export interface SubjectOptions {
  eager: boolean;
}

const TOPIC = 'soak';
const room = defineChannel({ name: 'soak', topic: TOPIC });

/** The SDK. */
export function ours(backend: Backend): Subject {
  const { realtime: supabase, joins, cut } = backend.client();
  const clock = countingClock();
  const realtime = createRealtimeClient({ supabase, clock, lingerMs: 0 });
  const { store } = realtime.channel(room);
  let release: () => void = () => undefined;
  return {
    joins,
    cut,
    rest: () => clock.skip(60_000),
    subscribe: () => (release = store.subscribe(() => undefined)),
    live: () => when((done) => store.subscribe(done), () => store.get().status === 'live'),
    async unsubscribe() {
      release();
      await when((done) => realtime.connection.store.subscribe(done), () => realtime.connection.store.get().status === 'idle');
    },
    counts: () => ({ ...countsOf(supabase), timers: clock.pending() }),
    close: () => realtime.dispose(),
  };
}

/** supabase-js alone. */
export function raw(backend: Backend, { eager }: SubjectOptions): Subject {
  const { realtime, joins, cut } = backend.client(eager ? 1 : undefined);
  const listeners = new Set<() => void>();
  let isLive = false;
  let channel = realtime.channel(TOPIC);
  return {
    joins,
    cut,
    rest: () => undefined,
    subscribe() {
      channel = realtime.channel(TOPIC);
      channel.subscribe((status) => {
        isLive = status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED;
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
      await realtime.removeChannel(channel);
      isLive = false;
    },
    counts: () => ({ ...countsOf(realtime), timers: 0 }),
    async close() {
      await realtime.removeAllChannels();
    },
  };
}

function countsOf(realtime: ReturnType<Backend['client']>['realtime']): { handlers: number; channels: number } {
  const handlers = Object.values(realtime.stateChangeCallbacks).reduce((sum, callbacks) => sum + callbacks.length, 0);
  return { handlers, channels: realtime.getChannels().length };
}

function countingClock(): Clock & { pending(): number; skip(ms: number): void } {
  let skippedMs = 0;
  const pending = new Set<unknown>();
  return {
    now: () => systemClock.now() + skippedMs,
    setTimeout(callback, delayMs) {
      const handle = systemClock.setTimeout(() => {
        pending.delete(handle);
        callback();
      }, delayMs);
      pending.add(handle);
      return handle;
    },
    clearTimeout(handle) {
      pending.delete(handle);
      systemClock.clearTimeout(handle);
    },
    pending: () => pending.size,
    skip: (ms) => void (skippedMs += ms),
  };
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
