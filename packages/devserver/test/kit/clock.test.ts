import { once } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createManualClock, createTestBackend, type ManualClock, type TestBackend } from '../../src/testing/index.ts';

let clock: ManualClock;
let backend: TestBackend;

beforeEach(async () => {
  clock = createManualClock();
  backend = await createTestBackend({ clock, migrations: null, seed: null, setup: 'create table notes (id int primary key); alter publication supabase_realtime add table notes', patienceMs: 20_000 });
});
afterEach(() => backend.close());

it('a socket that says nothing is closed after 66 s', async () => {
  const socket = new WebSocket(`${backend.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${backend.anonKey}&vsn=2.0.0`);
  await once(socket, 'open');
  clock.advance(65_999);
  await backend.waitForSockets(1);
  clock.advance(1);
  expect((await once(socket, 'close'))[0]).toBe(1000);
  await backend.waitForSockets(0);
});

it('a refused join is answered after 5 s', async () => {
  const client = backend.anonClient();
  // Its socket and the meters of joins have their timers from now on.
  await backend.waitForSubscribed(client.channel('open'));
  const waiting = clock.waiting;
  const channel = client.channel('secret', { config: { private: true } });
  let answered = false;
  const refused = backend.waitForSubscribed(channel).catch((error: unknown) => String(error)).finally(() => (answered = true));
  await clock.waitForTimers(waiting + 1);
  clock.advance(4_999);
  await backend.settled();
  expect(answered).toBe(false);
  clock.advance(1);
  expect(await refused).toContain('You do not have permissions to read from this Channel topic: secret');
});

it('a channel is closed when its token expires', async () => {
  const token = await backend.server.signToken({ role: 'authenticated' }, { expiresInS: 30 });
  const client = await backend.signInAs({}, { accessToken: () => Promise.resolve(token) });
  const channel = client.channel('room');
  const system = backend.record(channel, 'system');
  await backend.waitForSubscribed(channel);
  clock.advance(30_000);
  expect((await system.next()).message).toMatch(/^Token has expired/);
});

it('a presence window of 30 s lets five calls through, and five more after it', async () => {
  const [caller, watcher] = [backend.anonClient().channel('room'), backend.anonClient().channel('room')];
  const joins = backend.record(watcher, 'presence', { event: 'join' });
  await Promise.all([backend.waitForSubscribed(caller), backend.waitForSubscribed(watcher)]);
  for (let call = 1; call <= 5; call += 1) expect(await caller.track({ call })).toBe('ok');
  clock.advance(30_000);
  expect(await caller.track({ call: 6 })).toBe('ok');
  await joins.next(({ newPresences }) => newPresences?.[0]?.['call'] === 6);
});

it('the publication is looked at again after a minute, and the channel told', async () => {
  const channel = backend.anonClient().channel('notes');
  const system = backend.record(channel, 'system');
  channel.on('postgres_changes', { event: '*', schema: 'public', table: 'notes' }, () => undefined);
  await backend.waitForSubscribed(channel);
  await system.next();
  await backend.sql`alter publication supabase_realtime drop table notes`;
  clock.advance(60_000);
  expect((await system.next()).status).toBe('error');
});

it('the client keeps its socket by heartbeats, with both clocks moved', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  try {
    const client = backend.anonClient();
    const channel = await backend.waitForSubscribed(client.channel('room'));
    for (let heartbeats = 0; heartbeats < 4; heartbeats += 1) {
      const answered = new Promise<void>((resolve) => client.realtime.onHeartbeat((status) => status === 'ok' && resolve()));
      await vi.advanceTimersByTimeAsync(25_000);
      await answered;
      clock.advance(25_000);
    }
    await backend.settled();
    await backend.waitForSockets(1);
    expect(channel.state).toBe('joined');
  } finally {
    vi.useRealTimers();
  }
});
