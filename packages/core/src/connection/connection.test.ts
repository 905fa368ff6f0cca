import { expect, test } from 'vitest';
import { createFakeClock } from '../../test/support/fakeClock.ts';
import { createFakeWire } from '../../test/support/fakeWire.ts';
import { RealtimeError } from '../errors.ts';
import { silentLogger } from '../lib/logger.ts';
import type { SignalListener } from '../lib/platformSignals.ts';
import { createConnection } from './connection.ts';

const lost = new RealtimeError('connection/lost', 'gone');

function setup() {
  const clock = createFakeClock();
  const wire = createFakeWire();
  let signals: SignalListener | undefined;
  let watching = 0;
  let online = true;
  const connection = createConnection({
    wire, clock, logger: silentLogger, random: () => 0.5,
    signals: {
      isOnline: () => online,
      isHidden: () => false,
      watch(listener) {
        signals = listener;
        watching += 1;
        return () => (watching -= 1);
      },
    },
  });
  const setOnline = (next: boolean): void => {
    online = next;
    if (next) signals?.onOnline();
    else signals?.onOffline();
  };
  return { clock, wire, connection, setOnline, wake: () => signals?.onWake(), watching: () => watching };
}

test('C10: nothing happens until the connection is held', () => {
  const { clock, wire, connection, watching } = setup();
  expect([connection.store.get().status, wire.opens, wire.listeners, watching(), clock.pending]).toEqual(['idle', 0, 0, 0, 0]);
});

test('it opens with the first holder and closes with the last', () => {
  const { clock, wire, connection, watching } = setup();
  const [a, b] = [connection.hold(), connection.hold()];
  expect([wire.opens, connection.store.get()]).toMatchObject([1, { status: 'open', lastConnectedAt: 1_000, reason: null }]);
  a();
  a();
  expect(connection.store.get().status).toBe('open');
  b();
  expect([connection.store.get().status, wire.closes, wire.listeners, watching(), clock.pending]).toEqual(['idle', 1, 0, 0, 0]);
});

test('C2: the first retry is at once, later ones back off, and the state says when', async () => {
  const { clock, wire, connection } = setup();
  connection.hold();
  wire.auto = false;
  await clock.advance(20_000);
  wire.lost(lost);
  expect(connection.store.get()).toMatchObject({ status: 'reconnecting', attempt: 0, nextRetryAt: clock.now(), reason: { code: 'connection/lost' } });
  await clock.advance(0);
  expect([wire.opens, connection.store.get()]).toMatchObject([2, { attempt: 1, nextRetryAt: null }]);
  wire.lost(lost);
  expect(connection.store.get().nextRetryAt).toBe(clock.now() + 10_000);
  await clock.advance(10_000);
  wire.lost(lost);
  expect(connection.store.get().nextRetryAt).toBe(clock.now() + 15_000);
  await clock.advance(15_000);
  wire.opened();
  expect(connection.store.get()).toMatchObject({ status: 'open', attempt: 0, reason: null });
});

test('C2: after a retry at once channels wait a random time before they join, and not when somebody is there or the retry had waited', async () => {
  const { clock, wire, connection, wake } = setup();
  const waitMs = (): number => connection.rejoinAt() - clock.now();
  connection.hold();
  expect(waitMs()).toBe(0);
  await clock.advance(20_000);
  wire.lost(lost);
  await clock.advance(0);
  expect([connection.store.get().status, waitMs()]).toEqual(['open', 375]);
  await clock.advance(20_000);
  connection.reconnect();
  expect([connection.store.get().status, waitMs()]).toEqual(['open', 0]);
  await clock.advance(20_000);
  wire.lost(lost);
  wake();
  expect([connection.store.get().status, waitMs()]).toEqual(['open', 0]);
  wire.lost(lost); // a young socket: its retry waits
  await clock.advance(30_000);
  expect([connection.store.get().status, connection.store.get().lastConnectedAt]).toEqual(['open', connection.rejoinAt()]);
});

test('an attempt that neither opens nor fails is given up after 10 s', async () => {
  const { clock, wire, connection } = setup();
  wire.auto = false;
  connection.hold();
  await clock.advance(10_000);
  expect(connection.store.get()).toMatchObject({ status: 'reconnecting', reason: { code: 'connection/refused' } });
  expect(wire.opens).toBe(2);
});

test('C5: without a network it waits, and connects at once when there is one again', async () => {
  const { clock, wire, connection, setOnline } = setup();
  connection.hold();
  setOnline(false);
  expect(connection.store.get()).toMatchObject({ status: 'offline', reason: { code: 'connection/offline' } });
  await clock.advance(3_600_000);
  expect(wire.opens).toBe(1);
  setOnline(true);
  expect([wire.opens, connection.store.get().status]).toEqual([2, 'open']);
});

test('disconnect keeps it closed until reconnect', async () => {
  const { clock, wire, connection } = setup();
  connection.hold();
  connection.disconnect();
  await clock.advance(60_000);
  expect([wire.opens, connection.store.get()]).toMatchObject([1, { status: 'closed', reason: { code: 'connection/disconnected' } }]);
  connection.reconnect();
  expect([wire.opens, connection.store.get().status]).toEqual([2, 'open']);
});

test('C5: whoever comes back finds a dead socket replaced within 2.5 s', async () => {
  const { clock, wire, connection, wake } = setup();
  connection.hold();
  wire.auto = false;
  wake();
  expect([wire.probes, connection.store.get().status]).toEqual([1, 'open']);
  await clock.advance(2_500);
  expect(connection.store.get()).toMatchObject({ status: 'reconnecting', reason: { code: 'connection/lost' } });
  expect(wire.opens).toBe(2);
});

test('C5: a network that comes back without having gone makes an open socket prove that it lives', async () => {
  const { clock, wire, connection, setOnline } = setup();
  connection.hold();
  wire.auto = false;
  setOnline(true);
  await clock.advance(2_500);
  expect([wire.probes, connection.store.get().status]).toEqual([1, 'reconnecting']);
});

test('C5: whoever comes back while a retry waits gets it at once', async () => {
  const { clock, wire, connection, wake } = setup();
  connection.hold();
  wire.auto = false;
  wire.lost(lost);
  await clock.advance(0);
  wire.lost(lost);
  expect(connection.store.get().nextRetryAt).toBeGreaterThan(clock.now());
  wake();
  expect([wire.opens, connection.store.get().nextRetryAt]).toEqual([3, null]);
  wake();
  expect(wire.opens).toBe(3);
});

test('says lost only when the socket has been away for five seconds, however many retries there were, and takes it back', async () => {
  const { clock, wire, connection } = setup();
  connection.hold();
  wire.auto = false;
  wire.lost(lost);
  await clock.advance(4_999);
  expect(connection.store.get()).toMatchObject({ status: 'reconnecting', lost: false });
  await clock.advance(1);
  expect(connection.store.get()).toMatchObject({ status: 'reconnecting', lost: true });
  wire.opened();
  expect(connection.store.get()).toMatchObject({ status: 'open', lost: false });
  await clock.advance(8_000);
  expect(connection.store.get().lost).toBe(false);
});

test('C1: dispose closes the socket and leaves no timer and no listener', async () => {
  const { clock, wire, connection, watching } = setup();
  const release = connection.hold();
  wire.auto = false;
  wire.lost(lost);
  await connection.dispose();
  release();
  connection.hold();
  connection.reconnect();
  expect([connection.store.get().status, clock.pending, wire.listeners, watching(), wire.opens]).toEqual(['closed', 0, 0, 0, 1]);
});

test('C1: a connection closed by the app listens to nothing once no channel needs it', () => {
  const { clock, wire, connection, watching } = setup();
  const release = connection.hold();
  connection.disconnect();
  release();
  expect([wire.listeners, watching(), clock.pending]).toEqual([0, 0, 0]);
  connection.reconnect();
  connection.hold();
  expect([wire.listeners, watching(), connection.store.get().status]).toEqual([1, 1, 'open']);
});
