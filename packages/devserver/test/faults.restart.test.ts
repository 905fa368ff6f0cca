import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { NOTES, rowIds, startFaultyServer, watchNotes, type FaultyServer } from './support/faultyServer.ts';
import type { SessionClient } from './support/sessionClient.ts';

const ALICE = '11111111-1111-4111-8111-111111111111';

let lab: FaultyServer;
let token: string;
let lastId = 0;

beforeAll(async () => {
  lab = await startFaultyServer();
  token = await lab.server.signToken({ role: 'authenticated', sub: ALICE }, { expiresInS: 36_000 });
});

afterEach(() => lab.endClients());

afterAll(() => lab.server.close());

async function insert(rows = 1): Promise<number[]> {
  const ids = Array.from({ length: rows }, () => (lastId += 1));
  for (const id of ids) await lab.server.sql('insert into notes values ($1, $2, $3)', [id, 'text', ALICE]);
  return ids;
}

const rest = () => fetch(`${lab.server.url}/rest/v1/notes?select=id`, { headers: { apikey: lab.server.anonKey, authorization: `Bearer ${token}` } });

/** How a handshake ends: `open`, or what Node says. */
function handshake(): Promise<string> {
  const socket = new WebSocket(`${lab.server.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${lab.server.anonKey}`);
  return new Promise((resolve) => {
    socket.on('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.on('error', ({ message }) => resolve(message));
  });
}

async function tracking(topic: string): Promise<SessionClient> {
  const client = await lab.client();
  const ref = await client.join(topic, { presence: { key: 'a', enabled: true } });
  client.push(topic, 'presence', { event: 'track', payload: { a: 1 } }, ref);
  await client.until(() => client.of('presence_diff').length === 1);
  return client;
}

describe('a restart of the server', () => {
  it('by SIGTERM closes sockets as 09a and 09f show: 1012, phx_error and 1006, or 1006 alone', async () => {
    const { clock, server } = lab;
    const [joined, idle, present] = [await lab.client(), await lab.client(), await tracking('realtime:rs')];
    await joined.join('realtime:rs');
    const fault = await server.faults.restartServer({ downMs: 5_000 });
    expect(await joined.closed).toBe(1012);
    await present.until(() => present.of('phx_error').length === 1);
    expect(present.received.at(-1)).toMatchObject({ joinRef: '1', ref: '1', event: 'phx_error', payload: { reason: 'channel_crash' } });
    expect(joined.received.map(({ event }) => event)).toEqual(['phx_reply']);
    expect([idle.isOpen, present.isOpen]).toEqual([true, true]);
    clock.advance(5_000);
    expect(await Promise.all([idle.closed, present.closed])).toEqual([1006, 1006]);
    await fault.ended;
    expect(fault.hits).toBe(3);
  });

  it('takes nothing from who comes after it, however late what was under way before it ends', async () => {
    const { clock, server } = lab;
    const delay = await server.faults.delaySystemOk({ ms: 60_000 });
    const before = await lab.client();
    await before.join('realtime:rs', NOTES, token);
    const restart = await server.faults.restartServer({ graceful: false, downMs: 1_000 });
    expect(await before.closed).toBe(1006);
    clock.advance(1_000);
    await restart.ended;
    await delay.stop();
    const after = await lab.client();
    await watchNotes(after, 'realtime:rs', token);
    clock.advance(5_000); // when a table that nobody watches is captured no more
    const ids = [...(await insert()), ...(await insert())];
    await after.until(() => after.of('postgres_changes').length === 2);
    expect(rowIds(after, 'realtime:rs')).toEqual(ids);
  });

  it('by SIGKILL resets every socket, and comes back empty', async () => {
    const { clock, server } = lab;
    const present = await tracking('realtime:rs');
    const fault = await server.faults.restartServer({ graceful: false, downMs: 1_000 });
    expect(await present.closed).toBe(1006);
    expect(await handshake()).toMatch(/ECONNRESET|socket hang up/);
    clock.advance(1_000);
    await fault.ended;
    const late = await lab.client();
    await late.join('realtime:rs', { presence: { enabled: true } });
    await late.until(() => late.of('presence_state').length === 1);
    expect(late.of('presence_state')[0]?.payload).toEqual({});
  });

  it('loses what is committed while it is down or cold, and leaves REST alone', async () => {
    const { clock, server } = lab;
    await server.faults.restartServer({ graceful: false, downMs: 1_000, coldMs: 2_000 });
    await insert();
    expect((await rest()).status).toBe(200);
    const broadcast = await fetch(`${server.url}/realtime/v1/api/broadcast`, { method: 'POST', body: '{}' });
    expect(broadcast.status).toBe(502);
    const [restart] = server.faults.active;
    clock.advance(1_000);
    await restart?.ended;
    const client = await lab.client();
    const before = server.faults.history.length;
    const watching = watchNotes(client, 'realtime:notes', token);
    await client.until(() => client.of('phx_reply').length === 1);
    await client.ping();
    await insert();
    clock.advance(2_000);
    await watching;
    const after = await insert();
    await client.until(() => client.of('postgres_changes').length === 1);
    expect(rowIds(client, 'realtime:notes')).toEqual(after);
    expect(server.faults.history).toHaveLength(before);
  });

  it('ends although a half-open socket never hears of it', async () => {
    const { clock, server } = lab;
    const client = await lab.client();
    await client.join('realtime:rs');
    const half = await server.faults.halfOpen();
    const restart = await server.faults.restartServer({ downMs: 1_000 });
    expect(client.isOpen).toBe(true);
    clock.advance(5_000);
    await restart.ended;
    expect(await client.closed).toBe(1006);
    await half.stop();
  });

  it('closing the dev server in the middle of one ends it', async () => {
    const own = await startFaultyServer();
    const idle = await own.client();
    const fault = await own.server.faults.restartServer();
    await own.server.close();
    expect(await idle.closed).toBe(1006);
    await fault.ended;
  });
});

describe('a restart of Postgres', () => {
  it('is invisible to sockets, and what is committed until Realtime reads on is lost, as 09c and 09g show', async () => {
    const { clock, server } = lab;
    const client = await lab.client();
    await watchNotes(client, 'realtime:notes', token);
    const before = await insert();
    const fault = await server.faults.restartDatabase({ downMs: 300, gapMs: 2_600 });
    const failed = await rest();
    expect([failed.status, failed.headers.get('proxy-status'), await failed.json()]).toEqual([
      503,
      'PostgREST; error=PGRST000',
      { code: 'PGRST000', details: 'connection to server failed: Connection refused', hint: null, message: 'Database connection error. Retrying the connection.' },
    ]);
    const signIn = await fetch(`${server.url}/auth/v1/token?grant_type=password`, { method: 'POST', headers: { apikey: server.anonKey, 'content-type': 'application/json' }, body: '{}' });
    expect([signIn.status, await signIn.json()]).toMatchObject([500, { error_code: 'unexpected_failure' }]);
    clock.advance(300);
    expect((await rest()).status).toBe(200);
    await insert(3);
    clock.advance(2_600);
    await fault.ended;
    const after = await insert(2);
    await client.until(() => client.of('postgres_changes').length === 3);
    expect(rowIds(client, 'realtime:notes')).toEqual([...before, ...after]);
    expect(client.received.map(({ event }) => event)).toEqual(['phx_reply', 'system', 'postgres_changes', 'postgres_changes', 'postgres_changes']);
    expect(fault.hits).toBe(3);
  });
});
