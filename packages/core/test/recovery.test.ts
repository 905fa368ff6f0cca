import type { Faults } from '@ruwad/realtime-devserver';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Clock, ErrorCode } from '../src/index.ts';
import { createRealTimeEvents, eventNotifications, globalPresence } from '../src/ruwad/index.ts';
import { useBackend } from './support/backend.ts';
import { createFastClock } from './support/fastClock.ts';
import { people, type App } from './support/people.ts';
import { keep, until } from './support/until.ts';

/** The client's time, and the server's waits, run so many times as fast as ours. */
const SPEED = 20;
const backend = useBackend({ timeScale: 1 / SPEED });
const isLive = ({ status }: { status: string }): boolean => status === 'live';
/** Our time for a time of the client. */
const real = (modelMs: number): number => modelMs / SPEED;

const recoveries: string[] = [];
afterEach(() => backend.server.faults.clear());
afterAll(() => {
  console.info(['recovered, in the client\'s time:', ...recoveries].join('\n  '));
});

interface Stage extends App {
  clock: Clock;
}

/** Somebody who follows a table and is present, live on both. */
async function onStage(): Promise<Stage & { away(): Promise<void>; back(): Promise<void>; leave(): void }> {
  const clock = createFastClock(SPEED);
  const app = await backend.open('sara', { clock, reconnect: {}, accessToken: () => backend.server.signToken({ sub: people.sara.id, role: 'authenticated' }) });
  const events = app.realtime.feature(createRealTimeEvents, undefined);
  const channels = [app.realtime.channel(eventNotifications), app.realtime.channel(globalPresence)];
  const stops = [keep(events.store), ...channels.map(({ store }) => keep(store))];
  await Promise.all([events.store, ...channels.map(({ store }) => store)].map((store) => until<{ status: string }>(store as never, isLive, 'live'))); // each of them has a status
  let title = '';
  return {
    ...app,
    clock,
    /** Resolves once a channel is not live; then something happens that nobody tells it of. */
    async away() {
      await Promise.race(channels.map(({ store }) => until(store, (state) => !isLive(state), 'the fault to be noticed')));
      title = `while away ${String(Math.random())}`;
      await backend.server.sql(`insert into public.events (title_ar, event_date, status) values ($1, '2099-01-01', 'planning')`, [title]);
    },
    /** Resolves once all is live again, and what happened meanwhile is there. */
    async back() {
      await Promise.all(channels.map(({ store }) => until(store, isLive, 'live again')));
      await until(events.store, ({ status, events: rows }) => status === 'live' && rows.some((row) => row.title_ar === title), 'what happened meanwhile');
    },
    leave() {
      for (const stop of stops) stop();
    },
  };
}

interface Case {
  name: string;
  inflict: (faults: Faults) => Promise<unknown>;
  /** What the state says of it. */
  says: ErrorCode | null;
  /** Longest recovery, in the client's time: the server's own waits and the SDK's, and what a busy machine adds to them. */
  withinMs: number;
}

const CASES: readonly Case[] = [
  { name: 'a socket cut off (1006)', inflict: (faults) => faults.dropSockets(), says: 'connection/lost', withinMs: 120_000 },
  ...[1000, 1001, 1011, 4000].map((code) => ({ name: `a socket closed with ${String(code)}`, inflict: (faults: Faults) => faults.closeSockets({ code }), says: 'connection/closed' as const, withinMs: 120_000 })),
  { name: 'a socket closed with 1012', inflict: (faults) => faults.closeSockets({ code: 1012 }), says: 'connection/server-restart', withinMs: 120_000 },
  { name: 'a half-open socket, noticed by its silence', inflict: (faults) => faults.halfOpen({ then: 'reset' }), says: 'connection/lost', withinMs: 120_000 },
  { name: 'a graceful restart', inflict: (faults) => faults.restartServer({ graceful: true, downMs: real(3_000) }), says: null, withinMs: 120_000 },
  { name: 'a brutal restart, cold afterwards', inflict: (faults) => faults.restartServer({ graceful: false, downMs: real(3_000), coldMs: real(2_000) }), says: 'connection/lost', withinMs: 120_000 },
  { name: 'channels closed for too many messages', inflict: (faults) => faults.closeChannels({ message: 'Too many messages per second' }), says: 'channel/rate-limited', withinMs: 120_000 },
  { name: 'channels closed for too many presence calls', inflict: (faults) => faults.closeChannels({ message: 'Client presence rate limit exceeded' }), says: 'channel/presence-rate-limited', withinMs: 120_000 },
  { name: 'channels closed without a reason anybody knows', inflict: (faults) => faults.closeChannels({ message: 'The moon is full' }), says: 'channel/closed', withinMs: 120_000 },
  { name: 'crashed channels', inflict: (faults) => faults.crashChannels(), says: 'channel/crashed', withinMs: 120_000 },
  { name: 'expired tokens, of which new ones can be had', inflict: (faults) => faults.expireTokens(), says: 'auth/token-expired', withinMs: 120_000 },
  {
    name: 'too many joins a second, three times',
    async inflict(faults) {
      await faults.refuseJoins({ reason: 'ConnectionRateLimitReached: Too many joins per second', count: 3 });
      await faults.dropSockets();
    },
    says: null,
    withinMs: 120_000,
  },
  {
    name: 'refused handshakes, three times',
    async inflict(faults) {
      await faults.refuseHandshakes({ status: 429, error: 'Too many joins per second', count: 3 });
      await faults.dropSockets();
    },
    says: null,
    withinMs: 120_000,
  },
  {
    name: 'a replication subscription that fails twice',
    async inflict(faults) {
      await faults.failSubscriptions({ count: 2 });
      await faults.dropSockets();
    },
    says: null,
    withinMs: 120_000,
  },
  {
    name: 'a verdict on the subscription that comes late',
    async inflict(faults) {
      await faults.delaySystemOk({ ms: real(5_000) });
      await faults.dropSockets();
    },
    says: null,
    withinMs: 120_000,
  },
];

describe('C3: everything comes back by itself, with what happened meanwhile, after', () => {
  for (const { name, inflict, says, withinMs } of CASES) {
    test(name, async () => {
      const stage = await onStage();
      const codes = new Set<string | undefined>();
      const stores = [stage.realtime.channel(eventNotifications).store, stage.realtime.channel(globalPresence).store];
      for (const store of stores) store.subscribe(() => codes.add(store.get().error?.code));
      const began = stage.clock.now();
      await inflict(backend.server.faults);
      await stage.away();
      await stage.back();
      const tookMs = stage.clock.now() - began;
      recoveries.push(`${name}: ${(tookMs / 1_000).toFixed(1)} s`);
      if (says !== null) expect([...codes]).toContain(says);
      expect(tookMs).toBeLessThan(withinMs);
      stage.leave();
    });
  }
});

test('C5: a half-open socket is given up within 30 s', async () => {
  const stage = await onStage();
  const began = stage.clock.now();
  await backend.server.faults.halfOpen({ then: 'reset' });
  const lost = await until(stage.realtime.connection.store, ({ status }) => status === 'reconnecting', 'the silence to be noticed');
  expect(lost.reason?.code).toBe('connection/lost');
  expect(stage.clock.now() - began).toBeLessThan(30_000);
  stage.leave();
});

const FINAL: readonly [string, (faults: Faults) => Promise<unknown>, ErrorCode][] = [
  ['a reader whose rights were taken', (faults) => faults.closeChannels({ message: 'You do not have permissions to read from this Channel topic: x' }), 'channel/forbidden'],
  ['a signature that is not accepted', (faults) => faults.closeChannels({ message: ':signature_error' }), 'auth/token-invalid'],
  ...(['Unauthorized: You do not have permissions to read from this Channel topic: x', 'PrivateOnly: This project only allows private channels'] as const).map(
    (reason) =>
      [
        `a join refused for good (${reason.split(':')[0] ?? ''})`,
        async (faults: Faults) => {
          await faults.refuseJoins({ reason });
          await faults.dropSockets();
        },
        'channel/forbidden',
      ] as const satisfies [string, (faults: Faults) => Promise<unknown>, ErrorCode],
  ),
];

describe('C3: what waiting does not cure is said, not retried, and tried again when the app asks', () => {
  for (const [name, inflict, code] of FINAL) {
    test(name, async () => {
      const stage = await onStage();
      const { store } = stage.realtime.channel(eventNotifications);
      await inflict(backend.server.faults);
      const refused = await until(store, ({ status }) => status === 'failed', 'the refusal');
      expect(refused.error).toMatchObject({ code, retryable: false });
      await backend.server.faults.clear();
      stage.realtime.connection.reconnect();
      await until(store, isLive, 'live again');
      stage.leave();
    });
  }
});
