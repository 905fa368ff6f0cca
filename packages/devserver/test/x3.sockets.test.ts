import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DevServer } from '../src/index.ts';
import { startParts } from '../src/startDevServer.ts';
import { createManualClock } from '../src/testing/manualClock.ts';
import { Neighbours } from './support/neighbour.ts';
import { frame, RawSocket, type FrameOptions } from './support/rawSocket.ts';
import { startRealtimeServer } from './support/realtimeServer.ts';
import { recordingLogger } from './support/recordingLogger.ts';
import { SessionClient } from './support/sessionClient.ts';

const logger = recordingLogger();
/** Stands still, so that nobody is closed for silence, and what is held back stays so. */
const clock = createManualClock();
let server: DevServer;
let neighbours: Neighbours;

beforeAll(async () => {
  server = await startRealtimeServer({ logger, clock, timeScale: 1 });
  neighbours = await Neighbours.moveIn(server);
});

beforeEach(() => void logger.lines.splice(0));

afterAll(async () => {
  neighbours.moveOut();
  await server.close();
});

const upgraded = () => RawSocket.upgraded(server.url, server.anonKey);
const client = () => SessionClient.open(server.url, server.anonKey, '2.0.0');
const heartbeat = (ref: string) => frame(JSON.stringify([null, ref, 'phoenix', 'heartbeat', {}]));
const CUT_OFF = 'warn a client reads too slowly and is cut off';

describe('X3: a frame that breaks the WebSocket protocol closes its socket with the code for it, and touches no other', () => {
  it.each<[string, string | Buffer, FrameOptions, number]>([
    ['that is not masked', '[]', { masked: false }, 1002],
    ['with a reserved bit', '[]', { reserved: 4 }, 1002],
    ['with another reserved bit', '[]', { reserved: 1 }, 1002],
    ['of an unknown kind', '[]', { opcode: 3 }, 1002],
    ['of an unknown control kind', '', { opcode: 11 }, 1002],
    ['that continues nothing', '[]', { opcode: 0 }, 1002],
    ['that controls and is too long', 'x'.repeat(126), { opcode: 9 }, 1002],
    ['that controls and is in pieces', '', { opcode: 9, fin: false }, 1002],
    ['of text that is not UTF-8', Buffer.from([0xc3, 0x28]), {}, 1007],
    ['that closes with half a code', Buffer.from([3]), { opcode: 8 }, 1002],
    ['that closes with a code nobody may send', Buffer.from([0x03, 0xed]), { opcode: 8 }, 1002],
    ['that says it is 5 MB and one byte', '', { length: 5_000_001 }, 1009],
    ['that says it is larger than a number', '', { length: 2 ** 60 }, 1009],
  ])('%s', async (_what, payload, options, code) => {
    const raw = await upgraded();
    await raw.write(frame(payload, options));
    await once(raw.socket, 'data');
    expect(raw.closeCode).toBe(code);
    raw.end();
    await neighbours.areWell();
  });

  it.each<[string, Buffer, number]>([
    ['that grow past 5 MB', Buffer.alloc(100_000, 'x'), 1009],
    ['that are empty', Buffer.alloc(0), 1008],
  ])('fragments without end %s', async (_what, piece, code) => {
    const raw = await upgraded();
    await raw.write(frame(piece, { fin: false }));
    const pieces = Buffer.concat(Array.from({ length: 20 }, () => frame(piece, { opcode: 0, fin: false })));
    while (raw.closeCode === null && !raw.socket.destroyed) {
      await raw.write(pieces);
      await new Promise(setImmediate);
    }
    expect(raw.closeCode).toBe(code);
    raw.end();
    await neighbours.areWell();
  });
});

describe('X3: a flood stays with its sender', () => {
  it('of pings whose answers are not read: it is cut off', async () => {
    const raw = await upgraded();
    raw.socket.pause();
    const pings = Buffer.concat(Array.from({ length: 500 }, () => frame('p'.repeat(125), { opcode: 9 })));
    const cutOff = logger.logged(CUT_OFF);
    while (!raw.socket.destroyed && !logger.lines.includes(CUT_OFF)) {
      await Promise.race([raw.write(pings), cutOff]);
      await new Promise(setImmediate);
    }
    raw.socket.resume();
    await raw.closed;
    await neighbours.areWell();
  });

  it('of up to 100 MB to a topic where somebody never reads: he is cut off', async () => {
    const raw = await upgraded();
    await raw.write(frame(JSON.stringify(['1', '1', 'realtime:x3-slow', 'phx_join', { config: {} }])));
    await once(raw.socket, 'data');
    raw.socket.pause();
    const sender = await client();
    const joinRef = await sender.join('realtime:x3-slow', { broadcast: { ack: true } });
    const before = process.memoryUsage().rss;
    // The system's buffers take some of it; the server's limit is a third of all.
    for (let n = 0; n < 35 && !logger.lines.includes(CUT_OFF); n += 1) {
      const ref = sender.push('realtime:x3-slow', 'broadcast', { x: 'y'.repeat(2_900_000) }, joinRef);
      await sender.until(() => sender.of('phx_reply').some((reply) => reply.ref === ref));
    }
    await logger.logged(CUT_OFF);
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
    raw.socket.resume();
    await raw.closed;
    sender.end();
    await neighbours.areWell();
  });

  it('of messages to a topic whose join is undecided: it is read no further until that is answered', async () => {
    const flooder = await client();
    flooder.push('realtime:none', 'phx_join', { config: { private: true } }, null);
    for (let n = 0; n < 40; n += 1) flooder.push('realtime:none', 'broadcast', { n: 'x'.repeat(300_000) }, '1');
    const last = flooder.push('phoenix', 'heartbeat', {}, null);
    await logger.logged('debug a socket is read no further until what it sent is answered');
    await neighbours.areWell();
    expect(flooder.of('phx_reply').some(({ ref }) => ref === last)).toBe(false);
    clock.advance(5_000);
    await flooder.until(() => flooder.of('phx_reply').some(({ ref }) => ref === last));
    flooder.end();
  });

  it.each<[string, (n: number) => unknown]>([
    ['20,000 broadcasts', (n) => ['1', String(n), 'realtime:x3-small', 'broadcast', { n }]],
    ['20,000 messages to topics that are not joined', (n) => ['1', String(n), `realtime:other-${n}`, 'broadcast', {}]],
    ['10,000 joins of as many topics', (n) => (n < 10_000 ? ['1', String(n), `realtime:many-${n}`, 'phx_join', { config: {} }] : [])],
    ['20,000 joins of one topic', (n) => [String(n), String(n), 'realtime:again', 'phx_join', { config: { presence: { enabled: true } } }]],
    ['20,000 tracks', (n) => ['1', String(n), 'realtime:x3-small', 'presence', { event: 'track', payload: { n } }]],
    ['20,000 that are no messages', (n) => [n, [n]]],
  ])('of %s', async (_what, message) => {
    const raw = await upgraded();
    await raw.write(frame(JSON.stringify(['1', '1', 'realtime:x3-small', 'phx_join', { config: {} }])));
    for (let from = 0; from < 20_000; from += 10_000) {
      void raw.write(Buffer.concat(Array.from({ length: 10_000 }, (_, n) => frame(JSON.stringify(message(from + n))))));
      await neighbours.areWell();
    }
    await neighbours.areWell();
    raw.end();
  });

  it('of frames of 5 MB, each just small enough', async () => {
    const raw = await upgraded();
    const large = frame(JSON.stringify(['1', '1', 'realtime:x3-large', 'broadcast', { x: 'x'.repeat(4_990_000) }]));
    for (let n = 0; n < 20; n += 1) await raw.write(large);
    await neighbours.areWell();
    raw.end();
  });

  it('of 300 sockets at once', async () => {
    const crowd = await Promise.all(Array.from({ length: 300 }, upgraded));
    for (const raw of crowd) void raw.write(heartbeat('1'));
    await neighbours.areWell();
    for (const raw of crowd) raw.end();
    await neighbours.areWell();
  });
});

describe('X3: a join that is costly is refused, or served without holding others up', () => {
  const binding = (filter?: string) => ({ event: '*', schema: 'public', table: 'notes', ...(filter === undefined ? {} : { filter }) });

  it('with 10,000 bindings', async () => {
    const greedy = await client();
    const joined = greedy.join('realtime:x3-greedy', { postgres_changes: Array.from({ length: 10_000 }, (_, n) => binding(`id=eq.${n}`)) });
    await neighbours.areWell();
    await joined;
    greedy.end();
    await neighbours.areWell();
  });

  it('with many bindings, and is worked on no longer when its channel is left', async () => {
    const { server: own, db } = await startParts({ port: 0, dataDir: null, migrations: null, seed: null }, 'create table items (id int primary key); alter publication supabase_realtime add table items');
    const query = vi.spyOn(db, 'query');
    const checks = () => query.mock.calls.filter(([sql]) => sql.includes('match_binding')).length;
    const greedy = await SessionClient.open(own.url, own.anonKey, '2.0.0');
    const joinRef = await greedy.join('realtime:x3-left', { postgres_changes: Array.from({ length: 500 }, (_, n) => ({ event: '*', schema: 'public', table: 'items', filter: `id=eq.${n}` })) });
    greedy.push('realtime:x3-left', 'phx_leave', {}, joinRef);
    await greedy.until(() => greedy.of('phx_close').length === 1);
    const before = checks();
    // Statements run in turn: a check that went on would have its turns between these.
    for (let n = 0; n < 20; n += 1) await own.sql('select 1');
    expect(checks() - before).toBeLessThanOrEqual(1);
    greedy.end();
    await own.close();
  });

  it.each<[string, string, string]>([
    ['repetitions that multiply', 'body=match."(a{1,255}){1,255}$"', 'repetitions multiply'],
    ['back references', String.raw`body=not.imatch.^(a*)*\1$`, 'no back references'],
    ['a very long pattern', `body=match.${'a?'.repeat(1_000)}`, 'at most 1000 characters'],
    ['ten thousand conditions', Array.from({ length: 10_000 }, (_, n) => `id=neq.${n}`).join(','), 'at most 100 conditions'],
    ['a value nested without end', `body=eq.${'['.repeat(100_000)}`, ''],
    ['a LIKE of many wildcards', `body=like.${'%a'.repeat(10_000)}%b`, ''],
  ])('whose filter has %s', async (_what, filter, reason) => {
    const costly = await client();
    await costly.join('realtime:x3-costly', { postgres_changes: [binding(filter)] });
    await costly.until(() => costly.of('system').length > 0);
    const [verdict] = costly.of('system');
    expect(verdict?.payload).toMatchObject(reason === '' ? { extension: 'postgres_changes' } : { status: 'error', message: expect.stringContaining(reason) as string });
    await server.sql(`insert into notes (id, body) values ($1, repeat('a', 100000))`, [Date.now()]);
    await neighbours.areWell();
    costly.end();
  });
});

it('X3: a channel that crashes closes itself alone, again and again', async () => {
  const crasher = await client();
  const peer = await client();
  await peer.join('realtime:x3-crash');
  const other = await crasher.join('realtime:x3-sound', { broadcast: { self: true } });
  for (let n = 1; n <= 50; n += 1) {
    const joinRef = await crasher.join('realtime:x3-crash');
    crasher.push('realtime:x3-crash', 'broadcast', 'no object', joinRef);
    await crasher.until(() => crasher.of('phx_error').length === n);
  }
  crasher.push('realtime:x3-sound', 'broadcast', { still: 'here' }, other);
  await crasher.until(() => crasher.of('broadcast').length === 1);
  expect(peer.isOpen).toBe(true);
  await neighbours.areWell();
  crasher.end();
  peer.end();
});
