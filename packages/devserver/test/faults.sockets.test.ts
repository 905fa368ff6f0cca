import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startFaultyServer, type FaultyServer } from './support/faultyServer.ts';

const ALICE = '11111111-1111-4111-8111-111111111111';

let lab: FaultyServer;

beforeAll(async () => {
  lab = await startFaultyServer();
});

afterEach(() => lab.endClients());

afterAll(() => lab.server.close());

const tokenOf = (sub: string) => lab.server.signToken({ role: 'authenticated', sub });

describe('faults on sockets', () => {
  it('a dropped socket sees 1006, and nothing before it', async () => {
    const client = await lab.client();
    await client.join('realtime:a');
    expect(await lab.server.faults.dropSockets()).toEqual({ sockets: 1 });
    expect(await client.closed).toBe(1006);
    expect(client.received).toHaveLength(1);
  });

  it('a fault is for those it names: by user, by topic, by role', async () => {
    const { faults } = lab.server;
    const [alice, guest, other] = [await lab.client(), await lab.client(), await lab.client()];
    await alice.join('realtime:room', {}, await tokenOf(ALICE));
    await guest.join('realtime:room');
    await other.join('realtime:elsewhere');
    expect(await faults.closeSockets({ who: { userId: ALICE }, code: 4001, reason: 'bye' })).toEqual({ sockets: 1 });
    expect(await alice.closed).toBe(4001);
    expect(await faults.closeSockets({ who: { topic: 'realtime:elsewhere' } })).toEqual({ sockets: 1 });
    expect(await other.closed).toBe(1000);
    expect(await faults.dropSockets({ who: { role: 'authenticated' } })).toEqual({ sockets: 0 });
    expect(await faults.dropSockets({ who: { role: 'anon', topic: 'room' } })).toEqual({ sockets: 1 });
    expect(await guest.closed).toBe(1006);
  });

  it('a half-open socket is neither answered nor closed, and is told everything late once it heals', async () => {
    const [client, witness] = [await lab.client(), await lab.client()];
    const ref = await client.join('realtime:half');
    await witness.join('realtime:half');
    const fault = await lab.server.faults.halfOpen({ who: { topic: 'half' } });
    expect(fault.hits).toBe(2);
    client.push('phoenix', 'heartbeat', {}, null);
    client.push('realtime:half', 'broadcast', { type: 'broadcast', event: 'e', payload: {} }, ref);
    const fresh = await lab.client();
    await fresh.join('realtime:half');
    fresh.push('realtime:half', 'broadcast', { n: 1 }, '1');
    await fresh.ping();
    expect([client.received.length, witness.received.length, client.isOpen, witness.isOpen]).toEqual([1, 1, true, true]);
    await fault.stop();
    await client.until(() => client.of('broadcast').length === 1 && client.of('phx_reply').length === 2);
    await witness.until(() => witness.of('broadcast').length === 2);
    expect(witness.of('broadcast').map(({ payload }) => payload)).toEqual([{ n: 1 }, { type: 'broadcast', event: 'e', payload: {} }]);
  });

  it('a half-open socket that the server gives up hears of it only when it heals, and others at once', async () => {
    const [client, witness] = [await lab.client(), await lab.client()];
    const ref = await client.join('realtime:ghost');
    client.push('realtime:ghost', 'presence', { event: 'track', payload: { a: 1 } }, ref);
    await witness.join('realtime:ghost');
    await client.until(() => client.of('presence_diff').length === 1);
    const fault = await lab.server.faults.halfOpen({ who: { topic: 'ghost' }, then: 'reset' });
    const watcher = await lab.client();
    await watcher.join('realtime:ghost');
    for (let tick = 0; tick < 11; tick += 1) {
      await watcher.ping();
      lab.clock.advance(6_000);
    }
    await watcher.until(() => watcher.of('presence_diff').length === 1);
    expect(client.isOpen).toBe(true);
    await fault.stop();
    expect(await client.closed).toBe(1006);
  });

  it('latency delays both directions by the time given, and keeps the order', async () => {
    const { clock, server } = lab;
    const client = await lab.client();
    const fault = await server.faults.latency({ ms: 100, jitterMs: 50 });
    const before = clock.waiting;
    for (let n = 1; n <= 20; n += 1) client.push('phoenix', 'heartbeat', { n }, null);
    await lab.advanceOnce(before, 99, client);
    await client.ping();
    clock.advance(51);
    await client.ping();
    expect(client.received).toEqual([]);
    clock.advance(150);
    await client.until(() => client.received.length === 20);
    expect(client.received.map(({ ref }) => ref)).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)));
    expect(fault.hits).toBe(40);
    await fault.stop();
    client.push('phoenix', 'heartbeat', {}, null);
    await client.until(() => client.received.length === 21);
  });

  it('latency ends with what is under way passed on at once, also the close of a socket', async () => {
    const { clock, server } = lab;
    const client = await lab.client();
    const fault = await server.faults.latency({ ms: 1_000 });
    const before = clock.waiting;
    client.push('phoenix', 'heartbeat', {}, null);
    while (clock.waiting === before) await client.ping();
    await server.faults.closeSockets({ code: 4000 });
    await client.ping();
    expect(client.isOpen).toBe(true);
    await fault.stop();
    expect(await client.closed).toBe(4000);
  });

  it('refused handshakes get an HTTP answer after 2 s, as often as asked for, or a reset', async () => {
    const { clock, server } = lab;
    const witness = await lab.client();
    const handshake = () => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${server.anonKey}`);
      return new Promise<unknown>((resolve) => {
        socket.on('open', () => resolve('open'));
        socket.on('unexpected-response', (_request, response) => {
          response.on('data', (body: Buffer) => resolve([response.statusCode, body.toString()]));
        });
        socket.on('error', ({ message }) => resolve(message));
        socket.on('open', () => socket.terminate());
      });
    };
    const refusal = await server.faults.refuseHandshakes({ count: 1 });
    const before = clock.waiting;
    const refused = handshake();
    await lab.advanceOnce(before, 2_000, witness);
    expect(await refused).toEqual([429, '{"error":"Too many connected users"}']);
    await refusal.ended;
    expect(await handshake()).toBe('open');
    const offline = await server.faults.refuseHandshakes({ by: 'reset' });
    expect(await handshake()).toMatch(/ECONNRESET|socket hang up/);
    await offline.stop();
    expect(await handshake()).toBe('open');
  });
});
