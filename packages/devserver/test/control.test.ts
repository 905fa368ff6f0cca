import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { DevServer } from '../src/index.ts';
import { describeFaults, type FaultDescription } from '../src/faults/index.ts';
import { startRealtimeServer } from './support/realtimeServer.ts';

const PAGE = 'http://localhost:5173';
const JSON_TYPE = { 'content-type': 'application/json' };

let server: DevServer;

beforeAll(async () => {
  server = await startRealtimeServer({ control: { origins: [PAGE] }, faults: { seed: 5 } });
});

afterAll(() => server.close());

interface Answer {
  status: number | undefined;
  headers: IncomingMessage['headers'];
  body: unknown;
}

/** Not by fetch, which writes the Host header itself. */
function ask(method: string, path: string, { headers = {}, body = '', port = server.port }: { headers?: Record<string, string>; body?: string; port?: number } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const post = (name: string, parameters: unknown, headers: Record<string, string> = {}) =>
  ask('POST', `/_control/faults/${name}`, { headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(parameters) });

describe('the control endpoint', () => {
  it('is not there unless it was asked for', async () => {
    const own = await startRealtimeServer();
    expect(await ask('GET', '/_control/faults', { port: own.port })).toMatchObject({ status: 404, body: { message: 'no Route matched with those values' } });
    await own.close();
  });

  it('lists every fault with its parameters, starts, shows and ends them', async () => {
    const listed = await ask('GET', '/_control/faults');
    expect(listed.body).toMatchObject({ seed: 5, active: [] });
    const { faults } = listed.body as { faults: FaultDescription[] }; // true: what the next line shows
    expect(faults).toEqual(describeFaults());
    expect(faults.find(({ name }) => name === 'dropSockets')).toMatchObject({ kind: 'once', parameters: [{ name: 'who', required: false }] });
    const started = await post('latency', { ms: 10, who: { topic: 'x' } });
    expect(started).toMatchObject({ status: 201, body: { name: 'latency', hits: 0, parameters: { ms: 10, jitterMs: 0, who: { topic: 'x' } } } });
    const { id } = started.body as { id: string }; // true: as just matched
    expect((await ask('GET', '/_control/faults')).body).toMatchObject({ active: [{ id }] });
    expect(await ask('DELETE', `/_control/faults/${id}`)).toMatchObject({ status: 204 });
    expect(server.faults.active).toEqual([]);
    expect((await ask('DELETE', `/_control/faults/${id}`)).status).toBe(404);
    expect((await ask('GET', '/_control/history')).body).toMatchObject({ seed: 5, history: [{ event: 'start', id, fault: 'latency' }, { event: 'end', id }] });
    await post('storm', { forMs: 60_000, everyMs: 60_000 });
    expect((await ask('DELETE', '/_control/faults')).status).toBe(204);
    expect(server.faults.active).toEqual([]);
  });

  it('strikes at once, and tells what it hit', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${server.anonKey}`);
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    expect(await post('closeSockets', { code: 4002 })).toMatchObject({ status: 200, body: { sockets: 1 } });
    expect(await closed).toBe(4002);
  });

  it('refuses wrong names, parameters, bodies and types, each with its reason', async () => {
    expect(await post('nothing', {})).toMatchObject({ status: 400, body: { message: `faults: there is no "nothing"; there are ${describeFaults().map(({ name }) => name).join(', ')}` } });
    expect(await post('latency', { ms: 'long' })).toMatchObject({ status: 400, body: { message: 'faults.latency: "ms" takes a number of milliseconds, 0 or more, not "long"' } });
    expect(await post('latency', [])).toMatchObject({ status: 400 });
    expect(await ask('POST', '/_control/faults/dropSockets', { headers: { 'content-type': 'text/plain' }, body: '{}' })).toMatchObject({ status: 415 });
    expect(await ask('POST', '/_control/faults/dropSockets', { headers: JSON_TYPE, body: '{' })).toMatchObject({ status: 400 });
  });

  it('answers no other host name, no forwarded request, and no page that was not named', async () => {
    for (const headers of [{ host: 'rebound.example:54321' }, { host: '127.0.0.1.example' }, { 'x-forwarded-for': '203.0.113.5' }, { forwarded: 'for=203.0.113.5' }]) {
      expect(await post('dropSockets', {}, headers)).toMatchObject({ status: 403 });
    }
    const foreign = await ask('OPTIONS', '/_control/faults/dropSockets', { headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' } });
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
    expect((await ask('GET', '/_control/faults', { headers: { origin: 'http://evil.example' } })).headers['access-control-allow-origin']).toBeUndefined();
    const named = await ask('OPTIONS', '/_control/faults/dropSockets', { headers: { origin: PAGE, 'access-control-request-method': 'POST' } });
    expect(named.headers).toMatchObject({ 'access-control-allow-origin': PAGE, 'access-control-allow-methods': 'GET,POST,DELETE', 'access-control-allow-headers': 'content-type' });
  });
});
