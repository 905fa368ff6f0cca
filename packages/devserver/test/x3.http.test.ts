import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Hono } from 'hono';
import { listenHttp } from '../src/http.ts';
import type { DevServer } from '../src/index.ts';
import { Neighbours } from './support/neighbour.ts';
import { handshake, RawSocket } from './support/rawSocket.ts';
import { startRealtimeServer } from './support/realtimeServer.ts';

let server: DevServer;
let neighbours: Neighbours;

beforeAll(async () => {
  server = await startRealtimeServer({ timeScale: 1 });
  neighbours = await Neighbours.moveIn(server);
});

afterAll(async () => {
  neighbours.moveOut();
  await server.close();
});

const HOST = 'Host: 127.0.0.1\r\n';

describe('X3: a connection that does not speak HTTP is answered, closed, and touches no other', () => {
  it.each<[string, string | Buffer, number]>([
    ['a TLS hello', Buffer.from('160301020001000 1fc0303'.replace(' ', ''), 'hex'), 400],
    ['noise', Buffer.from(Array.from({ length: 4_000 }, (_, n) => (n * 31) % 256)), 400],
    ['an unknown method', `BREW / HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['huge headers', `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
    ['too many headers', `GET / HTTP/1.1\r\n${HOST}${'X: y\r\n'.repeat(20_000)}\r\n`, 431],
    ['a huge path', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n${HOST}\r\n`, 431],
    ['two lengths', `POST /rest/v1/notes HTTP/1.1\r\n${HOST}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`, 400],
    ['a length and chunks', `POST /rest/v1/notes HTTP/1.1\r\n${HOST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /`, 400],
    ['a negative length', `POST /rest/v1/notes HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`, 400],
    ['a space before a colon', `GET / HTTP/1.1\r\n${HOST}Transfer-Encoding : chunked\r\n\r\n`, 400],
    ['bare line feeds', `GET / HTTP/1.1\nHost: a\n\n`, 400],
    ['a NUL in a header', `GET / HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`, 400],
  ])('%s', async (_what, bytes, status) => {
    const raw = await RawSocket.connect(server.url);
    await raw.write(bytes);
    await raw.closed;
    expect(raw.statusLine).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await neighbours.areWell();
  });

  it.each<[string, Record<string, string>, Parameters<typeof handshake>[2], number]>([
    ['no key', { 'Sec-WebSocket-Key': '' }, {}, 400],
    ['garbage for a key', { 'Sec-WebSocket-Key': 'garbage' }, {}, 400],
    ['a version nobody has', { 'Sec-WebSocket-Version': '99' }, {}, 400],
    ['another protocol', { Upgrade: 'h2c' }, {}, 400],
    ['a method that does not upgrade', {}, { method: 'POST' }, 405],
    ['extensions that are none', { 'Sec-WebSocket-Extensions': ';;;=' }, {}, 101],
    ['a path nobody serves', {}, { path: '/elsewhere' }, 404],
  ])('a handshake with %s', async (_what, headers, request, status) => {
    const raw = await RawSocket.connect(server.url);
    const path = request?.path ?? `/realtime/v1/websocket?apikey=${server.anonKey}&vsn=2.0.0`;
    await raw.write(handshake(server.anonKey, headers, { ...request, path }));
    if (status === 101) await once(raw.socket, 'data');
    else await raw.closed;
    raw.end();
    expect(raw.statusLine).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await neighbours.areWell();
  });

  it('a handshake that is never finished, from a hundred connections that go away', async () => {
    const half = handshake(server.anonKey).slice(0, 60);
    const raws = await Promise.all(Array.from({ length: 100 }, () => RawSocket.connect(server.url)));
    for (const raw of raws) await raw.write(half);
    await neighbours.areWell();
    for (const raw of raws) raw.end();
    await Promise.all(raws.map(({ closed }) => closed));
    await neighbours.areWell();
  });

  it('a thousand connections that say nothing', async () => {
    const raws: RawSocket[] = [];
    for (let n = 0; n < 10; n += 1) raws.push(...(await Promise.all(Array.from({ length: 100 }, () => RawSocket.connect(server.url)))));
    await neighbours.areWell();
    for (const raw of raws) raw.end();
  });
});

describe('X3: a client that dawdles', () => {
  const patience = { headersTimeoutMs: 200, requestTimeoutMs: 400 };

  it.each<[string, string]>([
    ['over its headers', `POST / HTTP/1.1\r\n${HOST}X: `],
    ['over its body', `POST / HTTP/1.1\r\n${HOST}Content-Length: 100\r\n\r\nabc`],
  ])('%s is answered 408 and cut off', async (_what, beginning) => {
    const http = await listenHttp({ port: 0, host: '127.0.0.1', ...patience });
    const app = new Hono();
    app.post('/', async (c) => c.text(await c.req.text().catch(() => 'cut off')));
    http.serve({ app, handleUpgrade: () => false });
    const raw = await RawSocket.connect(`http://127.0.0.1:${http.port}`);
    await raw.write(beginning);
    await raw.closed;
    expect(raw.statusLine).toBe('HTTP/1.1 408 Request Timeout');
    await http.close();
  });

  it('waits for a server that is not ready, and is cut off when it never gets ready', async () => {
    const http = await listenHttp({ port: 0, host: '127.0.0.1' });
    const early = await Promise.all([RawSocket.connect(`http://127.0.0.1:${http.port}`), RawSocket.connect(`http://127.0.0.1:${http.port}`)]);
    await early[0].write(`GET / HTTP/1.1\r\n${HOST}\r\n`);
    await early[1].write(handshake('none'));
    await http.close();
    await Promise.all(early.map(({ closed }) => closed));
    expect(early.map(({ statusLine }) => statusLine)).toEqual(['', '']);
  });
});

describe('X3: a body', () => {
  const BODY = 20_000_000;
  const paths = ['/rest/v1/notes', '/rest/v1/rpc/any', '/auth/v1/token?grant_type=password', '/realtime/v1/api/broadcast', '/realtime/v1/api/broadcast/a/events/b'];

  it.each(paths.flatMap((path) => [[path, 'of a length it says'], [path, 'in chunks without end']] as const))('that is too large for %s, %s, is answered 413 and the connection closed', async (path, how) => {
    const { hostname, port } = new URL(server.url);
    const headers = { apikey: server.serviceRoleKey, authorization: `Bearer ${server.serviceRoleKey}`, 'content-type': 'application/json', ...(how === 'of a length it says' ? { 'content-length': BODY } : {}) };
    const sending = request({ hostname, port, path, method: 'POST', headers, agent: false });
    // What is written after the answer meets a closed connection.
    sending.on('error', () => undefined);
    const answered = new Promise<IncomingMessage>((resolve) => sending.once('response', resolve));
    const closed = new Promise((resolve) => sending.once('close', resolve));
    for (let n = 0; n < BODY / 100_000; n += 1) sending.write('x'.repeat(100_000));
    if (how === 'of a length it says') sending.end();
    const response = await answered;
    response.resume();
    expect([response.statusCode, response.headers['connection']]).toEqual([413, 'close']);
    await closed;
    await neighbours.areWell();
  });

  it.each<[string, string, string]>([
    ['REST', '/rest/v1/notes', `[{"id":1,"body":${'['.repeat(100_000)}${']'.repeat(100_000)}}]`],
    ['a function', '/rest/v1/rpc/any', `{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`],
    ['a sign-up', '/auth/v1/signup', `{"email":"deep@example.test","password":"long enough","data":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`],
    ['a broadcast', '/realtime/v1/api/broadcast', `{"messages":[{"topic":"t","event":"e","payload":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}]}`],
  ])('nested without end for %s', async (_what, path, body) => {
    const response = await fetch(server.url + path, { method: 'POST', headers: { apikey: server.serviceRoleKey, authorization: `Bearer ${server.serviceRoleKey}`, 'content-type': 'application/json' }, body });
    expect(response.status).toBeGreaterThanOrEqual(200);
    await neighbours.areWell();
  });
});

describe('X3: a flood of requests', () => {
  it.each<[string, string, RequestInit]>([
    ['reads', '/rest/v1/events?select=id&limit=10', {}],
    ['sign-ins', '/auth/v1/token?grant_type=password', { method: 'POST', body: '{"email":"nobody@example.test","password":"wrong"}' }],
    ['broadcasts', '/realtime/v1/api/broadcast', { method: 'POST', body: JSON.stringify({ messages: Array.from({ length: 20 }, (_, n) => ({ topic: 'flooded', event: 'e', payload: { n }, private: true })) }) }],
  ])('of %s: they are all answered, and neighbours meanwhile', async (_what, path, init) => {
    const headers = { apikey: server.anonKey, authorization: `Bearer ${server.anonKey}`, 'content-type': 'application/json' };
    const flood = Promise.all(Array.from({ length: 100 }, async () => (await fetch(server.url + path, { ...init, headers })).status));
    await neighbours.areWell();
    expect((await flood).filter((status) => status >= 500)).toEqual([]);
    await neighbours.areWell();
  });
});
