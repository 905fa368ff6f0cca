import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { DevServer } from '../src/index.ts';
import { deepRuns } from './support/deep.ts';
import { Neighbours } from './support/neighbour.ts';
import { frame, handshake, RawSocket } from './support/rawSocket.ts';
import { recordingLogger } from './support/recordingLogger.ts';
import { startRealtimeServer } from './support/realtimeServer.ts';

vi.setConfig({ testTimeout: deepRuns({ usual: 60_000, deep: 1_800_000 }) });

const logger = recordingLogger();
let server: DevServer;
let neighbours: Neighbours;

beforeAll(async () => {
  server = await startRealtimeServer({ logger, timeScale: 1 });
  neighbours = await Neighbours.moveIn(server);
});

afterAll(async () => {
  neighbours.moveOut();
  await server.close();
});

const topic = fc.constantFrom('realtime:a', 'realtime:b', 'realtime:', 'phoenix', 'realtime', '', null, 7);
const event = fc.constantFrom('phx_join', 'phx_leave', 'broadcast', 'presence', 'access_token', 'heartbeat', 'phx_close', '__proto__', '', null);
const ref = fc.constantFrom('1', '2', null, 1, {});
const filter = fc.oneof(fc.constantFrom('id=eq.1', 'id=in.(1,2', 'body=match.(', 'body=like.%', 'x=is.null', 'owner=eq.no-uuid', ',', '='), fc.string({ maxLength: 40 }));
const config = fc.record(
  {
    private: fc.oneof(fc.boolean(), fc.jsonValue()),
    broadcast: fc.oneof(fc.record({ self: fc.boolean(), ack: fc.boolean(), replay: fc.jsonValue() }), fc.jsonValue()),
    presence: fc.oneof(fc.record({ enabled: fc.boolean(), key: fc.jsonValue() }), fc.jsonValue()),
    postgres_changes: fc.oneof(fc.array(fc.record({ event: fc.constantFrom('*', 'INSERT', 'x'), schema: fc.constantFrom('public', '*', "p'u"), table: fc.constantFrom('notes', 'events', '*', '"'), filter, select: fc.jsonValue() }, { requiredKeys: [] }), { maxLength: 4 }), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const payload = fc.oneof(fc.record({ config: fc.oneof(config, fc.jsonValue()) }), fc.record({ event: fc.constantFrom('track', 'untrack', 7), payload: fc.jsonValue() }), fc.record({ access_token: fc.oneof(fc.string(), fc.jsonValue()) }), fc.jsonValue());
const message = fc.tuple(ref, ref, topic, event, payload).map((parts) => frame(JSON.stringify(parts)));
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const anyFrame = fc
  .record({ payload: bytes, opcode: fc.nat(15), fin: fc.boolean(), reserved: fc.constantFrom(0, 0, 0, 1, 7), masked: fc.boolean(), length: fc.option(fc.nat(70_000), { nil: undefined }) }, { requiredKeys: ['payload', 'opcode'] })
  .map(({ payload: content, length, ...options }) => frame(content, length === undefined ? options : { ...options, length }));
const binary = bytes.map((content) => frame(content, { opcode: 2 }));

/** What one client does: maybe a handshake, then messages, frames and bytes, good and bad. */
const client = fc.record({ upgrades: fc.boolean(), writes: fc.array(fc.oneof({ weight: 5, arbitrary: message }, { weight: 1, arbitrary: anyFrame }, { weight: 2, arbitrary: binary }, { weight: 1, arbitrary: bytes }), { maxLength: 12 }), ends: fc.boolean() });

it('X3: whatever bytes many clients send, neighbours are served and nothing fails inside', async () => {
  const property = fc.asyncProperty(fc.array(client, { minLength: 1, maxLength: 12 }), async (clients) => {
    const raws = await Promise.all(clients.map(() => RawSocket.connect(server.url)));
    await Promise.all(
      raws.map(async (raw, at) => {
        const { upgrades, writes, ends } = clients[at] ?? { upgrades: false, writes: [], ends: true };
        if (upgrades) await raw.write(handshake(server.anonKey));
        for (const write of writes) if (!raw.socket.destroyed) await raw.write(write);
        if (ends) raw.end();
      }),
    );
    await neighbours.areWell();
    for (const raw of raws) raw.end();
    expect(logger.lines.filter((line) => line.startsWith('error '))).toEqual([]);
  });
  // A failure prints seed and path; replay with `fc.assert(property, { seed, path })`.
  await fc.assert(property, { numRuns: deepRuns({ usual: 40, deep: 3_000 }), endOnFailure: true });
});
