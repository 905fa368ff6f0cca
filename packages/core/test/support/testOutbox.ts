import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import WebSocket from 'ws';
import * as z from 'zod/mini';
import { createStore, defineAction, memoryStorage, outbox, silentLogger, type Clock, type ConnectionState, type OutboxOptions, type WritableStore } from '../../src/index.ts';
import type { PlatformSignals, SignalListener } from '../../src/lib/platformSignals.ts';
import { createOptimisticWrites, type OptimisticWrites } from '../../src/live/optimisticWrites.ts';
import type { OutboxRunner } from '../../src/outbox/outbox.ts';
import { createFakeClock, type FakeClock } from './fakeClock.ts';
import { createFakeRest, type FakeRest } from './fakeRest.ts';

/** Inserts a note under its own id; lanes by `lane`, else one lane for each id. */
export const addNote = defineAction({
  name: 'add-note',
  input: z.object({ id: z.string(), text: z.string(), lane: z.optional(z.string()) }),
  lane: ({ id, lane }) => lane ?? `notes:${id}`,
  execute: (supabase, { id, text }) => supabase.from('notes').insert({ id, text }).select().single(),
  applied: (supabase, { id, text }) => supabase.from('notes').select().eq('id', id).eq('text', text).maybeSingle(),
  optimistic: ({ input: { id, text } }) => [{ type: 'INSERT', table: 'notes', row: { id, text } }],
});

/** Sets a note's text. */
export const setNote = defineAction({
  name: 'set-note',
  input: z.object({ id: z.string(), text: z.string(), lane: z.optional(z.string()) }),
  lane: ({ id, lane }) => lane ?? `notes:${id}`,
  execute: (supabase, { id, text }) => supabase.from('notes').update({ text }).eq('id', id).select().single(),
});

/** A platform whose signals the test gives. */
interface FakePlatform extends PlatformSignals {
  online: boolean;
  /** Tells of the network or of somebody who is back. */
  tell(signal: 'online' | 'offline' | 'wake'): void;
}

/** An outbox over a real supabase client whose requests go to a fake of the REST API. */
export interface TestOutbox {
  readonly outbox: OutboxRunner;
  readonly rest: FakeRest;
  readonly clock: FakeClock;
  readonly platform: FakePlatform;
  readonly connection: WritableStore<ConnectionState>;
  readonly writes: OptimisticWrites;
  readonly supabase: SupabaseClient;
  /** Has the app's client act for somebody else; null for nobody. */
  readonly signIn: (user: string | null) => void;
}

/** Options of {@link createTestOutbox}. */
export interface TestOutboxOptions extends Partial<OutboxOptions> {
  readonly clock?: FakeClock;
  /** The outbox's own clock, where it is another. */
  readonly ownClock?: Clock;
  /** How it reaches the server. @defaultValue at once */
  readonly reach?: <T>(request: () => Promise<T>) => Promise<T>;
  readonly rest?: FakeRest;
  /** Whose queue it is. @defaultValue `'sara'` */
  readonly userId?: string | null;
  readonly random?: () => number;
}

/** What supabase-js awaits is not promises alone: bodies are streams. */
export async function settleRequests(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
}

/** Makes one. Start it by what it is used for. */
export function createTestOutbox({ clock = createFakeClock(settleRequests), rest = createFakeRest(), userId = 'sara', random = () => 0.5, ownClock = clock, reach = (request) => request(), actions = [addNote, setNote], ...options }: TestOutboxOptions = {}): TestOutbox {
  let user = userId;
  const supabase = createClient('http://fake.test', tokenOf(null), {
    accessToken: () => Promise.resolve(tokenOf(user)),
    realtime: { transport: WebSocket as never }, // its constructor takes more than supabase-js asks of one
    global: { fetch: (input, init) => reach(() => rest.fetch(input, init)) },
  });
  const connection = createStore<ConnectionState>({ status: 'idle', since: 0, lost: false, attempt: 0, nextRetryAt: null, latencyMs: null, lastConnectedAt: null, reason: null });
  const writes = createOptimisticWrites();
  const platform = createFakePlatform();
  const runner = outbox({ storage: memoryStorage(), ...options, actions })({ supabase: () => supabase, userId, connection, writes, clock: ownClock, logger: silentLogger, random, signals: platform });
  return {
    outbox: runner, rest, clock, platform, connection, writes, supabase,
    signIn(next) {
      user = next;
    },
  };
}

/** A token as the server would sign it, but for the signature. */
function tokenOf(sub: string | null): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256' })}.${part(sub === null ? { role: 'anon' } : { role: 'authenticated', sub })}.signature`;
}

function createFakePlatform(): FakePlatform {
  const listeners = new Set<SignalListener>();
  const platform: FakePlatform = {
    online: true,
    isOnline: () => platform.online,
    isHidden: () => false,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(signal) {
      if (signal !== 'wake') platform.online = signal === 'online';
      for (const { onOnline, onOffline, onWake } of [...listeners]) ({ online: onOnline, offline: onOffline, wake: onWake })[signal]();
    },
  };
  return platform;
}
