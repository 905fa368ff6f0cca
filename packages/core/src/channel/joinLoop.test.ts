import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { createFakeWire, fakeConnection } from '../../test/support/fakeWire.ts';
import { RealtimeError, type ErrorCode } from '../errors.ts';
import { silentLogger } from '../lib/logger.ts';
import { createJoinBudget } from './joinBudget.ts';
import { createJoinLoop } from './joinLoop.ts';
import type { Gap } from './types.ts';

const table = { event: '*', schema: 'public', table: 't' } as const;

function setup({ bindings = [table] as readonly (typeof table)[] } = {}) {
  const clock = createFakeClock();
  const wire = createFakeWire();
  const connection = fakeConnection(wire, clock);
  const states: string[] = [];
  const gaps: Gap[] = [];
  let lives = 0;
  const loop = createJoinLoop({
    request: { topic: 'room', private: false, bindings, broadcasts: false, presence: null },
    wire, connection, budget: createJoinBudget(clock), clock, logger: silentLogger, random: () => 0.5,
    onEvent: () => undefined,
    onLive: () => (lives += 1),
    onGap: (gap) => {
      expect(loop.store.get().status).toBe('live');
      gaps.push(gap);
    },
  });
  loop.store.subscribe(() => states.push(loop.store.get().status));
  return { clock, wire, connection, loop, states, gaps, lives: () => lives };
}
const error = (code: ErrorCode) => new RealtimeError(code, 'x');

test('R1: a channel with tables is live only after the join reply and the ok of its subscription', async () => {
  const { wire, loop } = setup();
  loop.start();
  await settle();
  wire.last().handlers.onJoined();
  expect([loop.store.get().status, loop.live()]).toEqual(['joining', null]);
  wire.last().handlers.onSubscribed();
  expect(loop.store.get().status).toBe('live');
  wire.last().handlers.onSubscribed();
  expect(loop.store.get()).toMatchObject({ status: 'live', previous: 'joining', error: null });
});

test('R1: an ok before the join reply is not enough either', async () => {
  const { wire, loop } = setup();
  loop.start();
  await settle();
  wire.last().handlers.onSubscribed();
  expect(loop.store.get().status).toBe('joining');
  wire.last().handlers.onJoined();
  expect(loop.store.get().status).toBe('live');
});

test('R1: without tables the join reply is enough; with tables a missing ok is a failure that is retried', async () => {
  const plain = setup({ bindings: [] });
  plain.loop.start();
  await settle();
  plain.wire.last().handlers.onJoined();
  expect(plain.loop.store.get().status).toBe('live');

  const { clock, wire, loop } = setup();
  loop.start();
  await settle();
  wire.last().handlers.onJoined();
  await clock.advance(29_999);
  expect(loop.store.get().error).toBeNull();
  await clock.advance(1);
  expect(loop.store.get()).toMatchObject({ status: 'joining', error: { code: 'channel/subscription-timeout' } });
  expect(wire.joins.map(({ left }) => left)).toEqual([true, false]);
});

test('C3: a channel closed by the server is joined again at once, then with backoff', async () => {
  const { clock, wire, loop, states } = setup({ bindings: [] });
  loop.start();
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onEnded(error('channel/closed'));
  await clock.advance(0);
  expect([wire.joins.length, loop.store.get().status]).toEqual([2, 'reconnecting']);
  wire.last().handlers.onEnded(error('channel/closed'));
  await clock.advance(249);
  expect(wire.joins.length).toBe(2);
  await clock.advance(1);
  expect(wire.joins.length).toBe(3);
  wire.last().handlers.onJoined();
  expect(states).toEqual(['joining', 'live', 'reconnecting', 'reconnecting', 'live']);
});

test('C3: a channel that closes right after it was live does not start the backoff afresh', async () => {
  const { clock, wire, loop } = setup({ bindings: [] });
  loop.start();
  await settle();
  for (let round = 0; round < 6; round += 1) {
    wire.last().handlers.onJoined();
    wire.last().handlers.onEnded(error('channel/closed'));
    await clock.advance(10_000);
  }
  const before = wire.joins.length;
  wire.last().handlers.onJoined();
  wire.last().handlers.onEnded(error('channel/closed'));
  await clock.advance(7_000);
  expect(wire.joins.length).toBe(before);
});

test('C3: a refusal for lack of rights is final until reconnect() is called', async () => {
  const { clock, wire, connection, loop } = setup();
  loop.start();
  await settle();
  wire.last().handlers.onEnded(error('channel/forbidden'));
  await clock.advance(3_600_000);
  expect([wire.joins.length, loop.store.get()]).toMatchObject([1, { status: 'failed', error: { code: 'channel/forbidden' } }]);
  connection.reconnect();
  await clock.advance(1_000);
  expect([wire.joins.length, loop.store.get().status]).toEqual([2, 'joining']);
});

test('C4: no join is sent before the token is there, and none without it', async () => {
  const { clock, wire, loop } = setup();
  let give: () => void = () => undefined;
  wire.authorization = () => new Promise((resolve) => (give = resolve));
  loop.start();
  await settle();
  expect(wire.joins.length).toBe(0);
  give();
  await settle();
  expect(wire.joins.length).toBe(1);

  wire.authorization = () => Promise.reject(error('auth/token-unavailable'));
  wire.last().handlers.onEnded(error('channel/closed'));
  await clock.advance(0);
  expect([wire.joins.length, loop.store.get().error?.code]).toEqual([1, 'auth/token-unavailable']);
});

test('a lost socket ends the join, also when nobody tells it, and the next socket brings it back', async () => {
  const { clock, wire, loop, lives } = setup({ bindings: [] });
  loop.start();
  await settle();
  wire.last().handlers.onJoined();
  wire.auto = false;
  wire.lost(error('connection/lost'));
  expect([wire.joins[0]?.left, loop.store.get().status, loop.live()]).toEqual([true, 'reconnecting', null]);
  await clock.advance(60_000);
  expect(wire.joins.length).toBe(1);
  wire.opened();
  await settle();
  wire.last().handlers.onJoined();
  expect([wire.joins.length, loop.store.get().status, lives()]).toEqual([2, 'live', 2]);
});

test('C2: after a retry at once it joins again when the connection says, unless the socket is lost before; a new channel does not wait', async () => {
  const { clock, wire, connection, loop } = setup({ bindings: [] });
  loop.start();
  await settle();
  wire.last().handlers.onJoined();
  await clock.advance(20_000);
  wire.lost(error('connection/lost'));
  await clock.advance(0);
  expect([connection.store.get().status, connection.rejoinAt() - clock.now()]).toEqual(['open', 375]);
  await clock.advance(374);
  expect([wire.joins.length, loop.store.get().status]).toEqual([1, 'reconnecting']);
  const other = createJoinLoop({
    request: { topic: 'other', private: false, bindings: [], broadcasts: false, presence: null },
    wire, connection, budget: createJoinBudget(clock), clock, logger: silentLogger, onEvent: () => undefined, onLive: () => undefined, onGap: () => undefined,
  });
  other.start();
  await settle();
  expect(wire.joins.length).toBe(2);
  await clock.advance(1);
  expect(wire.joins.length).toBe(3);
  wire.last().handlers.onJoined();
  expect(loop.store.get().status).toBe('live');

  await clock.advance(20_000);
  wire.lost(error('connection/lost'));
  await clock.advance(0);
  wire.lost(error('connection/lost'));
  await clock.advance(1_000);
  expect([wire.joins.length, connection.store.get().status]).toEqual([3, 'reconnecting']);
  await other.dispose();
  await loop.dispose();
  expect(clock.pending).toBe(0);
});

test('what an earlier join still says is ignored', async () => {
  const { clock, wire, loop } = setup({ bindings: [] });
  loop.start();
  await settle();
  const first = wire.last();
  first.handlers.onEnded(error('channel/crashed'));
  await clock.advance(0);
  first.handlers.onJoined();
  first.handlers.onEnded(error('channel/forbidden'));
  expect(loop.store.get().status).toBe('joining');
  wire.last().handlers.onJoined();
  expect(loop.store.get().status).toBe('live');
});

test('R10: the first join is no gap; a rejoin is one, from when the server was last heard until it is live again', async () => {
  const { clock, wire, loop, gaps } = setup();
  const goLive = async (): Promise<void> => {
    await settle();
    wire.last().handlers.onJoined();
    wire.last().handlers.onSubscribed();
  };
  loop.start();
  await goLive();
  expect(gaps).toEqual([]);
  await clock.advance(5_000);
  wire.heard();
  const heardAt = clock.now();
  wire.auto = false;
  await clock.advance(25_000); // cut off without a sign
  wire.lost(error('connection/lost'));
  await clock.advance(10_000);
  wire.opened();
  await settle();
  wire.last().handlers.onJoined();
  expect(gaps).toEqual([]);
  wire.last().handlers.onSubscribed();
  expect(gaps).toEqual([{ channel: 'room', reason: 'rejoined', since: heardAt, until: clock.now() }]);
  // Several tries are one gap, of which a refusal may be a part.
  wire.auto = true;
  wire.heard();
  const closedAt = clock.now();
  wire.last().handlers.onEnded(error('channel/closed'));
  await clock.advance(0);
  wire.last().handlers.onEnded(error('channel/crashed'));
  await clock.advance(60_000);
  await goLive();
  expect(gaps.slice(1)).toEqual([{ channel: 'room', reason: 'rejoined', since: closedAt, until: clock.now() }]);
});

test('R10: who left and comes again has missed nothing that anybody waited for', async () => {
  const { wire, loop, gaps } = setup({ bindings: [] });
  for (let round = 0; round < 2; round += 1) {
    loop.start();
    await settle();
    wire.last().handlers.onJoined();
    loop.stop();
    await settle();
  }
  expect(gaps).toEqual([]);
});

test('R10: a subscription that is made again unasked is a gap since it was last confirmed; so is one that failed', async () => {
  const { clock, wire, loop, gaps } = setup();
  loop.start();
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  const times = [clock.now()];
  for (const waitMs of [70_000, 60_000]) {
    await clock.advance(waitMs);
    wire.heard();
    wire.last().handlers.onResubscribed();
    times.push(clock.now());
  }
  const [first = 0, second = 0, third = 0] = times;
  expect(gaps).toEqual([
    { channel: 'room', reason: 'resubscribed', since: first, until: second },
    { channel: 'room', reason: 'resubscribed', since: second, until: third },
  ]);
  expect(loop.store.get().status).toBe('live');
  await clock.advance(50_000);
  wire.last().handlers.onEnded(error('channel/subscription-failed'));
  await clock.advance(2_000);
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  expect(gaps.at(-1)).toEqual({ channel: 'room', reason: 'rejoined', since: third, until: clock.now() });
});

test('R10: a sleep that the socket survived is a gap of every live channel', async () => {
  const { clock, wire, loop, gaps } = setup({ bindings: [] });
  loop.start();
  await settle();
  wire.last().handlers.onJoined();
  const awakeAt = clock.now();
  clock.sleep(30_000);
  await clock.advance(0);
  expect(gaps).toEqual([{ channel: 'room', reason: 'woken', since: awakeAt, until: clock.now() }]);
  expect([wire.joins.length, loop.store.get().status]).toEqual([1, 'live']);
});

test('C1: after disconnect() the channel says so and why, and reconnect() brings it back with a gap', async () => {
  const { clock, wire, connection, loop, states, gaps } = setup({ bindings: [] });
  loop.start();
  await settle();
  wire.last().handlers.onJoined();
  connection.disconnect();
  expect([wire.last().left, loop.live()]).toEqual([true, null]);
  expect(loop.store.get()).toMatchObject({ status: 'disconnected', error: { code: 'connection/disconnected', retryable: false } });
  await clock.advance(3_600_000);
  expect([wire.joins.length, clock.pending]).toEqual([1, 0]);
  connection.reconnect();
  await settle();
  wire.last().handlers.onJoined();
  expect(states).toEqual(['joining', 'live', 'disconnected', 'reconnecting', 'live']);
  expect([loop.store.get().error, gaps.map(({ reason }) => reason)]).toEqual([null, ['rejoined']]);
});

test('C1: a channel opened while the app keeps the connection closed says so too, and one that was refused stays refused', async () => {
  const { wire, connection, loop, states } = setup({ bindings: [] });
  connection.disconnect();
  loop.start();
  await settle();
  expect([wire.opens, loop.store.get()]).toMatchObject([0, { status: 'disconnected', error: { code: 'connection/disconnected' } }]);
  connection.reconnect();
  await settle();
  wire.last().handlers.onJoined();
  expect(states).toEqual(['joining', 'disconnected', 'joining', 'live']);
  wire.last().handlers.onEnded(error('channel/forbidden'));
  connection.disconnect();
  expect(loop.store.get()).toMatchObject({ status: 'failed', error: { code: 'channel/forbidden' } });
});

test('C1: stopping leaves the topic, the socket and no timer; the state is idle', async () => {
  const { clock, wire, connection, loop } = setup();
  loop.start();
  await settle();
  wire.last().handlers.onJoined();
  loop.stop();
  await settle();
  expect([wire.last().left, loop.store.get().status, connection.store.get().status]).toEqual([true, 'idle', 'idle']);
  expect([clock.pending, wire.listeners]).toEqual([0, 0]);
});
