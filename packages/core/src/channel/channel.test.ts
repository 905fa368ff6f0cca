import fc from 'fast-check';
import * as z from 'zod/mini';
import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { createFakeWire, fakeConnection } from '../../test/support/fakeWire.ts';
import { RealtimeError } from '../errors.ts';
import { silentLogger } from '../lib/logger.ts';
import { createChannelRegistry } from './channelRegistry.ts';
import { defineChannel } from './defineChannel.ts';
import type { InvalidPayload } from './types.ts';

const room = defineChannel({
  name: 'room',
  topic: ({ id }: { id: string }) => `room:${id}`,
  tables: { notes: { row: z.object({ id: z.string(), text: z.string() }), filter: ({ id }) => ({ column: 'room', operator: 'eq', value: id }) } },
  broadcasts: { ping: z.object({ n: z.number() }) },
  presence: z.object({ name: z.string() }),
});

function setup({ userId = 'u1' }: { userId?: string | null } = {}) {
  const clock = createFakeClock();
  const wire = createFakeWire();
  const connection = fakeConnection(wire, clock);
  const registry = createChannelRegistry({ userId, wire, connection, clock, logger: silentLogger, lingerMs: 1_000, random: () => 0.5 });
  const channel = registry.get(room, { id: '1' });
  const goLive = async (): Promise<void> => {
    await settle();
    wire.last().handlers.onJoined();
    wire.last().handlers.onSubscribed();
  };
  const change = (data: unknown): void => { wire.last().handlers.onEvent({ type: 'postgres_changes', payload: { ids: [1], data } }); };
  return { clock, wire, connection, registry, channel, goLive, change };
}
const insert = (record: unknown) => ({ type: 'INSERT', schema: 'public', table: 'notes', commit_timestamp: '2026-01-01T00:00:00.000Z', columns: [{ name: 'id' }, { name: 'text' }], record, errors: null });

test('C6: any number of subscribers of one definition and params cause one join', async () => {
  const { wire, registry, channel } = setup();
  expect(registry.get(room, { id: '1' })).toBe(channel);
  expect(registry.get(room, { id: '2' })).not.toBe(channel);
  for (let n = 0; n < 1_000; n += 1) {
    registry.get(room, { id: '1' }).changes$('notes').subscribe();
    registry.get(room, { id: '1' }).store.subscribe(() => undefined);
  }
  await settle();
  expect(wire.joins.map(({ request }) => request)).toEqual([
    { topic: 'room:1', private: false, bindings: [{ event: '*', schema: 'public', table: 'notes', filter: 'room=eq.1' }], broadcasts: true, presence: { key: 'u1' } },
  ]);
});

test('C6: a thousand mounts, unmounts and mounts again as under StrictMode cause one join and no leave', async () => {
  const { clock, wire, channel, goLive } = setup();
  const mounted: (() => void)[] = [];
  for (let n = 0; n < 1_000; n += 1) {
    channel.store.subscribe(() => undefined)();
    mounted.push(channel.store.subscribe(() => undefined));
  }
  await goLive();
  await clock.advance(60_000);
  expect([wire.joins.length, wire.last().left]).toEqual([1, false]);
  for (const unmount of mounted) unmount();
  await clock.advance(999);
  expect(wire.last().left).toBe(false);
  await clock.advance(1);
  expect([wire.last().left, channel.store.get().status]).toEqual([true, 'idle']);
});

test('C7: a listener that comes later, of whatever part, gets what comes from then on, and loses nobody anything: the join asks for all parts at once', async () => {
  const { wire, channel, goLive, change } = setup();
  const seen: string[] = [];
  channel.store.subscribe(() => undefined);
  await goLive();
  channel.changes$('notes').subscribe(({ key }) => seen.push(`first ${key}`));
  change(insert({ id: 'a', text: 'x' }));
  channel.changes$('notes').subscribe(({ key }) => seen.push(`second ${key}`));
  channel.presence$.subscribe();
  channel.invalid$.subscribe();
  change(insert({ id: 'b', text: 'x' }));
  await settle();
  expect(seen).toEqual(['first a', 'first b', 'second b']);
  expect([wire.joins.length, wire.last().left]).toEqual([1, false]);
});

test('V1: an invalid row is reported with its shape and counted, and the valid ones around it arrive', async () => {
  const { channel, goLive, change } = setup();
  const rows: unknown[] = [];
  const invalid: InvalidPayload[] = [];
  channel.changes$('notes').subscribe((one) => rows.push(one.type === 'DELETE' ? one.key : one.row));
  channel.invalid$.subscribe((one) => invalid.push(one));
  await goLive();
  change(insert({ id: 'a', text: 'x' }));
  change(insert({ id: 'b', text: 7, secret: 's3cret' }));
  change(insert({ id: 'c', text: 'y' }));
  expect(rows).toEqual([{ id: 'a', text: 'x' }, { id: 'c', text: 'y' }]);
  expect(invalid).toMatchObject([{ channel: 'room:1', kind: 'change', event: 'INSERT notes', table: 'notes', reason: 'schema' }]);
  expect(JSON.stringify(invalid)).not.toContain('s3cret');
  expect(channel.invalidCount).toBe(1);
});

test('V1: no JSON the server could send throws', async () => {
  const { wire, channel, goLive } = setup();
  channel.changes$('notes').subscribe();
  channel.presence$.subscribe();
  await goLive();
  const type = fc.constantFrom('postgres_changes', 'broadcast', 'presence_state', 'presence_diff');
  const json = fc.oneof(fc.jsonValue(), fc.record({ data: fc.oneof(fc.jsonValue(), fc.record({ type: fc.constantFrom('INSERT', 'DELETE', 'X'), table: fc.constantFrom('notes', '__proto__'), record: fc.jsonValue(), columns: fc.jsonValue(), errors: fc.jsonValue() })) }), fc.record({ joins: fc.jsonValue(), leaves: fc.jsonValue() }), fc.record({ event: fc.constantFrom('ping', 'toString'), payload: fc.jsonValue() }));
  fc.assert(fc.property(type, json, (event, payload) => {
    wire.last().handlers.onEvent({ type: event, payload });
  }), { numRuns: 2_000 });
  expect(channel.store.get().status).toBe('live');
});

test('V2: a DELETE is judged by its key alone; an UPDATE with columns left out is not passed on', async () => {
  const { channel, goLive, change } = setup();
  const seen: string[] = [];
  const reasons: string[] = [];
  channel.changes$('notes').subscribe(({ type, key }) => seen.push(`${type} ${key}`));
  channel.invalid$.subscribe(({ reason }) => reasons.push(reason));
  await goLive();
  change({ type: 'DELETE', schema: 'public', table: 'notes', old_record: { id: 'a' }, commit_timestamp: null, errors: null });
  change({ type: 'DELETE', schema: 'public', table: 'notes', old_record: {}, errors: null });
  change({ ...insert({ id: 'b' }), type: 'UPDATE', old_record: { id: 'b' } });
  change({ ...insert({ id: 'b' }), errors: ['Error 413: Payload Too Large'] });
  change({ ...insert({ id: 'b', text: 'x' }), table: 'others' });
  expect([seen, reasons]).toEqual([['DELETE a'], ['malformed', 'incomplete', 'server-error', 'unknown-event']]);
});

test('C8: nothing is delivered after unsubscribe or dispose', async () => {
  const { wire, registry, channel, goLive, change } = setup();
  const heard: string[] = [];
  const first = channel.changes$('notes').subscribe(() => heard.push('first'));
  channel.changes$('notes').subscribe(() => heard.push('second'));
  await goLive();
  const join = wire.last();
  first.unsubscribe();
  change(insert({ id: 'a', text: 'x' }));
  await registry.dispose();
  join.handlers.onEvent({ type: 'postgres_changes', payload: { data: insert({ id: 'b', text: 'x' }) } });
  expect(heard).toEqual(['second']);
  expect(channel.store.get().status).toBe('closed');
  await expect(channel.send('ping', { n: 1 })).rejects.toMatchObject({ code: 'client/disposed' });
});

test('send waits for the channel, at most 10 s, and checks the payload first', async () => {
  const { clock, wire, channel, goLive } = setup();
  await expect(channel.send('ping', { n: 'x' } as never)).rejects.toMatchObject({ code: 'channel/payload-invalid' });
  const sent = channel.send('ping', { n: 1 });
  await goLive();
  await sent;
  expect(wire.last().sent).toEqual([{ event: 'ping', payload: { n: 1 } }]);
  await clock.advance(1_000);

  const refused = expect(channel.send('ping', { n: 2 })).rejects.toMatchObject({ code: 'channel/not-live' });
  await clock.advance(10_000);
  await refused;
});

test('P2: after a rejoin the latest state is shared again', async () => {
  const { clock, wire, channel, goLive } = setup();
  channel.store.subscribe(() => undefined);
  const first = channel.track({ name: 'early' });
  await goLive();
  await first;
  await channel.track({ name: 'latest' });
  wire.last().handlers.onEnded(new RealtimeError('channel/closed', 'x'));
  await clock.advance(0);
  await goLive();
  await settle();
  expect(wire.joins.map(({ presence }) => presence)).toEqual([[{ name: 'early' }, { name: 'latest' }], [{ name: 'latest' }]]);
});

test('P2: a state given before a refusal is shared when the channel comes to life after all', async () => {
  const { clock, wire, connection, channel, goLive } = setup();
  channel.store.subscribe(() => undefined);
  const refused = expect(channel.track({ name: 'x' })).rejects.toMatchObject({ code: 'channel/forbidden' });
  await settle();
  wire.last().handlers.onEnded(new RealtimeError('channel/forbidden', 'no'));
  await refused;
  connection.reconnect();
  await clock.advance(0);
  await goLive();
  await settle();
  expect(wire.last().presence).toEqual([{ name: 'x' }]);
});

test('nobody signed in can be present, but may look', async () => {
  const { wire, channel, goLive } = setup({ userId: null });
  await expect(channel.track({ name: 'x' })).rejects.toMatchObject({ code: 'auth/no-user' });
  const seen: number[] = [];
  channel.presence$.subscribe((people) => seen.push(people.size));
  await goLive();
  wire.last().handlers.onEvent({ type: 'presence_state', payload: { u2: { metas: [{ phx_ref: 'r', name: 'b' }] } } });
  expect(seen).toEqual([0, 1]);
});

test('a state that waits for the limit keeps nobody in a room they have left', async () => {
  const { clock, wire, channel, goLive } = setup();
  const leave = channel.store.subscribe(() => undefined);
  await goLive();
  for (let n = 0; n < 5; n += 1) await channel.track({ name: String(n) });
  const waiting = expect(channel.track({ name: 'late' })).rejects.toMatchObject({ code: 'channel/not-live' });
  leave();
  await clock.advance(1_000);
  expect([wire.last().left, channel.store.get().status]).toEqual([true, 'idle']);
  await waiting;
});

test('a state that is not shared yet when the socket is lost keeps nobody in a room they have left', async () => {
  const { clock, wire, channel, goLive } = setup();
  const leave = channel.store.subscribe(() => undefined);
  await goLive();
  for (let n = 0; n < 5; n += 1) await channel.track({ name: String(n) });
  const waiting = expect(channel.track({ name: 'late' })).rejects.toMatchObject({ code: 'channel/not-live' });
  await settle();
  wire.auto = false;
  wire.lost(new RealtimeError('connection/lost', 'x'));
  leave();
  await clock.advance(1_000);
  await waiting;
  expect([channel.store.get().status, clock.pending]).toEqual(['idle', 0]);
});
