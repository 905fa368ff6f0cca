import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../src/index.ts';
import { createManualClock, type ManualClock } from '../src/testing/manualClock.ts';
import { startRealtimeServer } from './support/realtimeServer.ts';

let server: DevServer;
let clock: ManualClock;

beforeAll(async () => {
  clock = createManualClock();
  server = await startRealtimeServer({ clock, timeScale: 1, limits: { maxEventsPerSecond: 50 } });
});

afterEach(() => server.faults.clear());

afterAll(() => server.close());

const asService = () => ({ apikey: server.anonKey, authorization: `Bearer ${server.serviceRoleKey}`, 'content-type': 'application/json' });
const read = (path = '/rest/v1/notes?select=id') => fetch(`${server.url}${path}`, { headers: asService() });
const write = (id: number) => fetch(`${server.url}/rest/v1/notes`, { method: 'POST', headers: asService(), body: JSON.stringify({ id }) });

describe('faults on HTTP', () => {
  it('failing requests are answered with the status, and browsers may read it', async () => {
    const fault = await server.faults.failRequests({ status: 502, count: 1, path: '/rest/v1/notes' });
    expect((await read('/rest/v1/other')).status).toBe(404);
    const failed = await read();
    expect([failed.status, await failed.json(), failed.headers.get('access-control-allow-origin')]).toEqual([502, { message: 'Bad Gateway' }, '*']);
    await fault.ended;
    expect((await read()).status).toBe(200);
  });

  it('failing requests of one method were not done, and those of others were', async () => {
    await server.faults.failRequests({ method: 'POST', body: { code: '57P03' } });
    const failed = await write(1);
    expect([failed.status, await failed.json()]).toEqual([503, { code: '57P03' }]);
    expect(await (await read()).json()).toEqual([]);
  });

  it('a lost response was done, and its client cannot know', async () => {
    const fault = await server.faults.loseResponses({ path: '/rest/v1', method: 'POST', count: 1 });
    await expect(write(2)).rejects.toThrow('fetch failed');
    await fault.ended;
    expect(await server.sql('select id::int from notes')).toEqual([{ id: 2 }]);
    expect((await write(2)).status).toBe(409);
  });

  it('latency holds requests for its time, and lets them go when it ends', async () => {
    const before = clock.waiting;
    const fault = await server.faults.httpLatency({ ms: 1_000 });
    let answered = 0;
    const count = (): void => void (answered += 1);
    const requests = [read().then(count), read().then(count)];
    while (clock.waiting < before + 2) await (await fetch(`${server.url}/health`)).text();
    clock.advance(999);
    await (await fetch(`${server.url}/health`)).text();
    expect(answered).toBe(0);
    clock.advance(1);
    await Promise.all(requests);
    const last = read();
    while (fault.hits < 3) await (await fetch(`${server.url}/health`)).text();
    await fault.stop();
    expect((await last).status).toBe(200);
  });

  it('a late answer holds what was true when it was asked for', async () => {
    await server.sql('delete from notes');
    const before = clock.waiting;
    await server.faults.httpLatency({ part: 'answer', ms: 1_000 });
    const late = read().then((response) => response.json());
    while (clock.waiting === before) await (await fetch(`${server.url}/health`)).text();
    await server.sql('insert into notes (id) values (3)');
    clock.advance(1_000);
    expect(await late).toEqual([]);
  });

  it('a server closes while a fault holds its requests', async () => {
    const own = await startRealtimeServer({ clock: createManualClock() });
    const fault = await own.faults.httpLatency({ ms: 60_000 });
    const held = fetch(`${own.url}/rest/v1/notes`, { headers: { apikey: own.anonKey } }).then(({ status }) => status);
    while (fault.hits === 0) await (await fetch(`${own.url}/health`)).text();
    await own.close();
    expect(await held).toBe(200);
  });
});

describe('limits by fault', () => {
  it('hold until they are stopped, and then are as before, one upon another', async () => {
    const post = () => fetch(`${server.url}/realtime/v1/api/broadcast`, { method: 'POST', headers: asService(), body: JSON.stringify({ messages: [{ topic: 'x', event: 'e', payload: { a: 'x'.repeat(2_000) } }] }) });
    expect((await post()).status).toBe(202);
    const first = await server.faults.limit({ maxPayloadSizeInKb: 1 });
    expect((await post()).status).toBe(422);
    const second = await server.faults.limit({ maxPayloadSizeInKb: 0 });
    await second.stop();
    expect((await post()).status).toBe(422);
    await first.stop();
    expect((await post()).status).toBe(202);
  });
});
