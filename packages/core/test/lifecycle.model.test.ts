import fc from 'fast-check';
import type { Subscription } from 'rxjs';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createChannelRegistry } from '../src/channel/channelRegistry.ts';
import { createConnection } from '../src/connection/connection.ts';
import { defineChannel, RealtimeError, silentLogger, type ErrorCode, type Gap } from '../src/index.ts';
import { createOwnedClock } from '../src/lib/ownedClock.ts';
import type { SignalListener } from '../src/lib/platformSignals.ts';
import { deepRuns } from './support/deep.ts';
import { createFakeClock } from './support/fakeClock.ts';
import { createSimulatedWire, type World } from './support/simulatedWire.ts';

const TOPICS = 4;
/** Every wait of the SDK is over by then: the longest backoff is 30 s, and a half-open socket is noticed within 30 s. */
const QUIET_MS = 180_000;

const room = defineChannel({
  name: 'room',
  topic: ({ n }: { n: number }) => `room:${String(n)}`,
  tables: { notes: { row: z.object({ id: z.string() }) } },
  broadcasts: { wave: z.object({}) },
});
const plain = defineChannel({ name: 'plain', topic: ({ n }: { n: number }) => `plain:${String(n)}`, broadcasts: { wave: z.object({}) } });

const socketCodes: readonly ErrorCode[] = ['connection/lost', 'connection/closed', 'connection/server-restart'];
const joinCodes: readonly ErrorCode[] = [
  'auth/token-expired', 'channel/rate-limited', 'channel/too-many-channels', 'channel/join-rejected', 'channel/crashed', 'channel/closed',
  'channel/presence-rate-limited', 'channel/topic-in-use', 'channel/forbidden', 'auth/token-invalid', 'channel/bad-topic',
];
const subscriptionCodes: readonly ErrorCode[] = ['channel/subscription-failed', 'channel/subscription-invalid'];

/** One thing that the app, the server, the network or the person at the screen does. */
type Step =
  | { do: 'subscribe' | 'unsubscribe'; n: number }
  | { do: 'wait'; ms: number }
  | { do: 'sleep'; ms: number }
  | { do: 'cut'; code: ErrorCode | null }
  | { do: 'close channel'; pick: number; code: ErrorCode }
  | { do: 'server'; is: World['server'] }
  | { do: 'token'; is: World['token'] }
  | { do: 'joins'; get: World['joins'] }
  | { do: 'subscriptions'; get: World['subscriptions'] }
  | { do: 'offline' | 'online' | 'wake' | 'reconnect' | 'disconnect' };

const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('subscribe', 'unsubscribe'), n: fc.nat(TOPICS - 1) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.oneof(fc.nat(300), fc.nat(20_000)) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sleep'), ms: fc.nat(3_600_000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut'), code: fc.constantFrom(null, ...socketCodes) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('close channel'), pick: fc.nat(9), code: fc.constantFrom(...joinCodes) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('server'), is: fc.constantFrom('up', 'up', 'down', 'silent') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('token'), is: fc.constantFrom('valid', 'valid', 'expired', 'missing', 'never') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('joins'), get: fc.constantFrom<World['joins']>('ok', 'ok', 'silent', ...joinCodes) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('subscriptions'), get: fc.constantFrom<World['subscriptions']>('ok', 'ok', 'silent', ...subscriptionCodes) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('offline', 'online', 'wake', 'reconnect', 'disconnect') }) },
);

function setup(seed: number) {
  const clock = createFakeClock();
  const wire = createSimulatedWire(clock);
  const owned = createOwnedClock(clock);
  let state = seed;
  // Any spread will do; it is a function of the seed.
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  let online = true;
  let signals: SignalListener | null = null;
  const connection = createConnection({
    wire, clock: owned, logger: silentLogger, random,
    signals: {
      isOnline: () => online,
      isHidden: () => false,
      watch(listener) {
        signals = listener;
        return () => (signals = null);
      },
    },
  });
  const registry = createChannelRegistry({ userId: 'sara', wire, connection, clock: owned, logger: silentLogger, lingerMs: 1_000, random });
  const open = (n: number) => (n % 2 === 0 ? registry.get(room, { n }) : registry.get(plain, { n }));
  return {
    clock, owned, wire, connection, registry, open,
    signal: (name: 'offline' | 'online' | 'wake') => {
      if (name !== 'wake') online = name === 'online';
      if (name === 'wake') signals?.onWake();
      else if (online) signals?.onOnline();
      else signals?.onOffline();
    },
    watching: () => signals !== null,
  };
}

type Setup = ReturnType<typeof setup>;

/** Somebody who follows a channel, and what they saw: when it was live, and the rejoins it told them of. */
interface Holder {
  readonly held: Subscription;
  readonly live: { from: number; to: number | null }[];
  readonly rejoins: Gap[];
}

function follow(channel: ReturnType<Setup['open']>, clock: Setup['clock']): Holder {
  const holder: Holder = { held: channel.broadcast$('wave').subscribe(), live: [], rejoins: [] };
  holder.held.add(channel.gaps$.subscribe((gap) => {
    if (gap.reason === 'rejoined') holder.rejoins.push(gap);
  }));
  holder.held.add(channel.status$.subscribe(({ status, since }) => {
    const last = holder.live.at(-1);
    if (status === 'live' && last?.to !== null) holder.live.push({ from: since, to: null });
    else if (status !== 'live' && last?.to === null) last.to = clock.now();
  }));
  return holder;
}

/** Every return to `live` was told as a gap that began while it was live before, and ended with the return. */
function checkGaps({ live, rejoins }: Holder): void {
  const known = rejoins.slice(Math.max(0, rejoins.length - (live.length - 1))); // one more when they came back within the linger
  expect(known.map(({ until }) => until)).toEqual(live.slice(1).map(({ from }) => from));
  for (const [index, { since }] of known.entries()) {
    expect(since).toBeGreaterThanOrEqual(live[index]?.from ?? Infinity);
    expect(since).toBeLessThanOrEqual(live[index]?.to ?? -1);
  }
}

/** Does a step; `holders` are the app's subscriptions by topic. */
async function perform(step: Step, { clock, wire, connection, open, signal }: Setup, holders: Map<number, Holder>): Promise<void> {
  switch (step.do) {
    case 'subscribe':
      if (!holders.has(step.n)) holders.set(step.n, follow(open(step.n), clock));
      return;
    case 'unsubscribe':
      holders.get(step.n)?.held.unsubscribe();
      holders.delete(step.n);
      return;
    case 'wait':
      return clock.advance(step.ms);
    case 'sleep':
      clock.sleep(step.ms);
      return clock.advance(0);
    case 'cut':
      wire.cut(step.code === null ? null : new RealtimeError(step.code, 'cut'));
      return;
    case 'close channel': {
      const all = wire.openJoins();
      const join = all[step.pick % Math.max(1, all.length)];
      if (join === undefined) return;
      join.open = false;
      join.handlers.onEnded(new RealtimeError(step.code, 'closed by the server'));
      return;
    }
    case 'server':
      wire.world.server = step.is;
      if (step.is === 'down') wire.cut(new RealtimeError('connection/lost', 'down'));
      if (step.is === 'silent') wire.cut(null);
      return;
    case 'token':
      wire.world.token = step.is;
      return;
    case 'joins':
      wire.world.joins = step.get;
      return;
    case 'subscriptions':
      wire.world.subscriptions = step.get;
      return;
    case 'reconnect':
    case 'disconnect':
      connection[step.do]();
      return;
    default:
      signal(step.do);
  }
}

/** What must hold at every moment. */
function checkAlways({ wire, connection, open }: Setup, holders: ReadonlyMap<number, Holder>): void {
  const topics = wire.openJoins().map(({ topic }) => topic);
  expect(new Set(topics).size).toBe(topics.length);
  const { status, nextRetryAt, reason, lost } = connection.store.get();
  if (status === 'open') expect([nextRetryAt, reason, lost]).toEqual([null, null, false]);
  for (const [n, holder] of holders) {
    checkGaps(holder);
    const channel = open(n).store.get();
    // `live` is never said of a join that is not there.
    if (channel.status === 'live') expect(topics).toContain(open(n).topic);
    // What the app closed is said to be closed, and nothing else is.
    expect(channel.status === 'disconnected').toBe(status === 'closed' && channel.status !== 'failed');
    if (channel.status === 'failed') expect(channel.error?.retryable).toBe(false);
  }
}

/** What must hold of all joins that ever went out. */
function checkJoins({ wire }: Setup): void {
  expect(wire.joins.filter(({ token }) => token !== 'valid')).toEqual([]);
  for (const [first, { at }] of wire.joins.entries()) {
    for (const [more, later] of wire.joins.slice(first).entries()) {
      // A second more than the budget: a join goes out when its token is there, a moment after it was granted.
      expect(more + 1).toBeLessThanOrEqual(20 + Math.ceil((later.at - at) / 1_000) + 1);
    }
  }
}

test('C1, C2, C3, C4, C5, R10: after any faults every channel comes back by itself, within its budget, each rejoin is a gap, and dispose leaves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.array(aStep, { minLength: 5, maxLength: 40 }), async (seed, steps) => {
      const all = setup(seed);
      const { clock, owned, wire, connection, registry, open, signal } = all;
      const holders = new Map<number, Holder>();
      for (const step of steps) {
        await perform(step, all, holders);
        await clock.advance(0);
        checkAlways(all, holders);
      }

      // The world heals. What was refused for good, and what the app itself closed, it asks for again.
      Object.assign(wire.world, { server: 'up', token: 'valid', joins: 'ok', subscriptions: 'ok' } satisfies World);
      signal('online');
      const refused = [...holders.keys()].some((n) => open(n).store.get().status === 'failed');
      if (refused || connection.store.get().status === 'closed') connection.reconnect();
      await clock.advance(QUIET_MS);
      for (const n of holders.keys()) expect([n, open(n).store.get().status]).toEqual([n, 'live']);
      if (holders.size > 0) expect(connection.store.get().status).toBe('open');
      checkAlways(all, holders);
      checkJoins(all);

      await registry.dispose();
      await connection.dispose();
      owned.end();
      const joined = wire.joins.length;
      await clock.advance(QUIET_MS); // what the server still meant to do
      expect([wire.sockets(), wire.listeners(), all.watching(), clock.pending, wire.joins.length, wire.openJoins().length]).toEqual([0, 0, false, 0, joined, 0]);
    }),
    { numRuns: deepRuns({ usual: 500, deep: 10_000 }) },
  );
}, deepRuns({ usual: 30_000, deep: 600_000 }));
