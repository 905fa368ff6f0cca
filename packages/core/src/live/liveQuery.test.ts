import * as z from 'zod/mini';
import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { createFakeWire, fakeConnection } from '../../test/support/fakeWire.ts';
import { createManualFrames } from '../../test/support/manualFrames.ts';
import { createChannelRegistry } from '../channel/channelRegistry.ts';
import { defineChannel, type Filter } from '../channel/defineChannel.ts';
import type { Change, InvalidPayload } from '../channel/types.ts';
import { RealtimeError } from '../errors.ts';
import { silentLogger, type Logger } from '../lib/logger.ts';
import { createLiveQuery, type ErasedQuery } from './liveQuery.ts';
import type { AnyRow } from './rowWindow.ts';
import type { ReadRequest, TableReader } from './tableReader.ts';

const row = z.object({ id: z.string(), at: z.number(), v: z.optional(z.number()), word: z.optional(z.string()) });
const notes = defineChannel({ name: 'notes', topic: 'notes', tables: { notes: { row } } });
const versioned = defineChannel({ name: 'versioned', topic: 'notes', tables: { notes: { row, version: 'v' } } });

/** A table whose reads the test answers. */
function fakeReader() {
  const reads: { request: ReadRequest & { filters?: readonly Filter[] }; answer: (rows: readonly AnyRow[]) => Promise<void>; fail: (code: 'live/snapshot-failed' | 'live/snapshot-invalid') => Promise<void> }[] = [];
  const reader: TableReader = {
    end: () => undefined,
    // As the server prints them; in these tests numbers and plain texts.
    readTexts: async (asked, request) => (await reader.read(asked, { ...request, columns: request.columns.join(',') })).map((listed) => Object.fromEntries(Object.entries(listed).map(([name, value]) => [name, String(value)]))),
    read: ({ filters }, request) =>
      new Promise((resolve, reject) => {
        reads.push({
          request: filters.length === 0 ? request : { ...request, filters },
          answer: async (rows) => {
            resolve(rows);
            await settle();
          },
          fail: async (code) => {
            reject(new RealtimeError(code, 'no'));
            await settle();
          },
        });
      }),
  };
  return { reader, reads };
}

function setup({ limit = 100, definition = notes, logger = silentLogger, ...options }: Partial<ErasedQuery> & { definition?: typeof notes | typeof versioned; logger?: Logger } = {}) {
  const clock = createFakeClock();
  const wire = createFakeWire();
  const { reader, reads } = fakeReader();
  const frames = createManualFrames();
  const registry = createChannelRegistry({ userId: null, wire, connection: fakeConnection(wire, clock), clock, logger: silentLogger, lingerMs: 0, random: () => 0.5 });
  const channel = registry.get(definition);
  const query = createLiveQuery({ channel: channel, table: 'notes', orderBy: { column: 'at' }, limit, ...options }, { reader, clock, frames, logger, lingerMs: 0, random: () => 1 });
  const read = (n: number) => {
    const found = reads[n];
    if (found === undefined) throw new Error(`read ${String(n)} was not asked for`);
    return found;
  };
  const send = async (data: Record<string, unknown>): Promise<void> => {
    wire.last().handlers.onEvent({ type: 'postgres_changes', payload: { data: { schema: 'public', table: 'notes', commit_timestamp: null, ...data } } });
    await settle();
  };
  const insert = (id: string, at: number, more: Record<string, unknown> = {}): Promise<void> => send({ type: 'INSERT', record: { id, at, ...more } });
  const remove = (id: string): Promise<void> => send({ type: 'DELETE', old_record: { id } });
  const rows = () => {
    frames.run();
    return query.store.get().rows;
  };
  const goLive = async (): Promise<void> => {
    await settle();
    wire.last().handlers.onJoined();
    wire.last().handlers.onSubscribed();
    await settle();
  };
  /** Subscribes, and answers the first read. */
  const begin = async (first: readonly AnyRow[]): Promise<void> => {
    query.store.subscribe(() => undefined);
    await goLive();
    await read(0).answer(first);
  };
  return { registry, clock, wire, frames, reads, read, channel, query, send, insert, remove, rows, ids: () => rows().map(({ id }) => id), status: () => query.store.get().status, goLive, begin };
}

test('R2: the rows are read only after the ok, and what arrives before the answer is not lost', async () => {
  const { wire, reads, read, query, insert, remove, ids, status } = setup();
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  await insert('early', 1);
  expect([reads.length, status()]).toEqual([0, 'loading']);
  wire.last().handlers.onSubscribed();
  await settle();
  expect(reads.length).toBe(1);
  await insert('during', 3);
  await remove('gone');
  await read(0).answer([{ id: 'early', at: 1 }, { id: 'gone', at: 2 }]);
  expect([ids(), status(), read(1).request.keys]).toEqual([['early', 'during'], 'loading', ['during', 'gone']]);
  await read(1).answer([{ id: 'during', at: 3 }]);
  expect([ids(), status()]).toEqual([['early', 'during'], 'live']);
  await insert('after', 2);
  expect(ids()).toEqual(['early', 'after', 'during']);
});

test('R5, R10: after a rejoin the rows are stale until they are read again', async () => {
  const { clock, wire, read, begin, goLive, ids, status } = setup();
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  wire.last().handlers.onEnded(new RealtimeError('channel/closed', 'x'));
  expect([ids(), status()]).toEqual([['a', 'b'], 'stale']);
  await clock.advance(0);
  await goLive();
  expect(status()).toBe('stale');
  await read(1).answer([{ id: 'b', at: 2 }, { id: 'c', at: 3 }]);
  expect([ids(), status()]).toEqual([['b', 'c'], 'live']);
});

test('R10: a subscription that the server made again makes the rows stale until a repair that began later', async () => {
  const { wire, reads, read, begin, ids, status } = setup();
  await begin([{ id: 'a', at: 1 }]);
  wire.last().handlers.onResubscribed();
  expect(status()).toBe('stale');
  await settle();
  wire.last().handlers.onResubscribed();
  await read(1).answer([{ id: 'a', at: 1 }]);
  expect([status(), reads.length]).toEqual(['stale', 3]);
  await read(2).answer([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  expect([ids(), status()]).toEqual([['a', 'b'], 'live']);
});

test('R5: what changed without a sign is found within reconcileMs, and again sooner after that', async () => {
  const { clock, reads, read, begin, ids, status } = setup({ reconcileMs: 12_000 });
  await begin([{ id: 'a', at: 1 }]);
  await clock.advance(11_999);
  expect(reads.length).toBe(1);
  await clock.advance(1);
  await read(1).answer([{ id: 'a', at: 1 }]);
  await clock.advance(1_000); // for what is on its way
  await clock.advance(12_000);
  await read(2).answer([{ id: 'b', at: 1 }]);
  await clock.advance(1_000);
  expect([ids(), status(), reads.length]).toEqual([['b'], 'live', 3]);
  await clock.advance(4_000);
  expect(reads.length).toBe(4);
});

test('a sweep of a table with versions reads keys and versions, and only the rows that differ', async () => {
  const { clock, read, begin, rows } = setup({ definition: versioned });
  const [a, b, c] = [{ id: 'a', at: 1, v: 1 }, { id: 'b', at: 2, v: 1 }, { id: 'c', at: 3, v: 1 }];
  await begin([a, b]);
  await clock.advance(30_000);
  expect(read(1).request).toEqual({ columns: 'id,v', limit: 100 });
  await read(1).answer([{ id: 'b', v: 2 }, { id: 'c', v: 1 }]);
  await clock.advance(1_000);
  expect(read(2).request).toEqual({ columns: '*', keys: ['b', 'c'] });
  await read(2).answer([{ id: 'b', at: 5, v: 2 }, c]);
  expect(rows()).toEqual([c, { id: 'b', at: 5, v: 2 }]);
});

test('after a sweep that found something, what has a higher version since is looked at, as long as that finds more', async () => {
  const { clock, read, reads, begin, ids } = setup({ definition: versioned });
  await begin([{ id: 'a', at: 1, v: 1 }]);
  await clock.advance(30_000);
  await read(1).answer([{ id: 'a', v: 1 }, { id: 'b', v: 9 }]);
  await clock.advance(1_000);
  await read(2).answer([{ id: 'b', at: 2, v: 9 }]);
  await clock.advance(10_000);
  expect(read(3).request).toEqual({ columns: 'id,v', limit: 100, filters: [{ column: 'v', operator: 'gt', value: '9' }] });
  await read(3).answer([{ id: 'c', v: 10 }]);
  await clock.advance(1_000);
  await read(4).answer([{ id: 'c', at: 3, v: 10 }]);
  expect(ids()).toEqual(['a', 'b', 'c']);
  await clock.advance(10_000);
  expect(read(5).request.filters).toMatchObject([{ value: '10' }]);
  await read(5).answer([]);
  expect(ids()).toEqual(['a', 'b', 'c']); // of what is gone a glance says nothing
  await clock.advance(8_999);
  expect(reads.length).toBe(6);
  await clock.advance(1);
  expect(read(6).request.filters).toBe(undefined); // everything again, 30 s after the sweep
});

test('a sweep of a window with an end keeps the end that it had, and reads on where that is not known', async () => {
  const { clock, read, begin, ids } = setup({ definition: versioned, limit: 2 });
  await begin([{ id: 'a', at: 1, v: 1 }, { id: 'b', at: 2, v: 1 }]);
  await clock.advance(30_000);
  await read(1).answer([{ id: 'a', v: 1 }, { id: 'b', v: 2 }]);
  await clock.advance(1_000);
  await read(2).answer([{ id: 'b', at: 7, v: 3 }]); // moved on since it was listed
  expect(read(3).request).toMatchObject({ after: { id: 'a', at: 1 }, limit: 1 });
  await read(3).answer([{ id: 'c', at: 3, v: 1 }]);
  expect(ids()).toEqual(['a', 'c']);
});

test('R9: rows that the stream pushes out of the window during a sweep are read on when there is room again', async () => {
  const { clock, read, begin, insert, remove, ids } = setup({ definition: versioned, limit: 3 });
  await begin([{ id: 'a', at: 1, v: 1 }, { id: 'b', at: 2, v: 1 }]);
  await clock.advance(30_000);
  await read(1).answer([{ id: 'a', v: 2 }, { id: 'b', v: 1 }]);
  await clock.advance(1_000);
  for (const at of [0.1, 0.2, 0.3, 0.4, 0.5]) await insert(`early ${String(at)}`, at, { v: 3 });
  await read(2).answer([{ id: 'a', at: 1.5, v: 2 }]);
  for (const at of [0.1, 0.2, 0.3, 0.4, 0.5]) await remove(`early ${String(at)}`);
  await read(3).answer([]); // those that came during the sweep
  expect(read(4).request.after).toMatchObject({ id: 'a', at: 1 });
  await read(4).answer([{ id: 'a', at: 1.5, v: 2 }, { id: 'b', at: 2, v: 1 }]);
  expect(ids()).toEqual(['a', 'b']);
});

test('a sweep waits for what is on its way, and reads no row that came meanwhile', async () => {
  const { clock, read, reads, begin, insert, ids } = setup({ definition: versioned });
  await begin([{ id: 'a', at: 1, v: 1 }]);
  await clock.advance(30_000);
  await read(1).answer([{ id: 'a', at: 1, v: 1 }, { id: 'b', at: 2, v: 1 }]);
  await clock.advance(500);
  await insert('b', 2, { v: 1 });
  await clock.advance(500);
  expect([ids(), reads.length]).toEqual([['a', 'b'], 2]);
});

test('when sweeps keep finding rows that never came, it says by name what the server does', async () => {
  const warned: string[] = [];
  const { clock, read, begin, insert, query } = setup({ definition: versioned, reconcileMs: 10_000, logger: { ...silentLogger, warn: (message) => warned.push(message) } });
  const table = [{ id: 'start', at: 0, v: 1 }];
  await begin(table);
  let n = 1;
  const sweep = async (found: number): Promise<void> => {
    const at = n;
    for (let more = 0; more < found; more += 1) table.push({ id: `lost ${String(at)}`, at, v: 1 });
    await clock.advance(10_000);
    await read(n++).answer([...table]);
    await clock.advance(1_000);
    if (found > 0) await read(n++).answer(table.slice(-1));
  };
  await sweep(1);
  await insert('lost 1', 1, { v: 1 }); // late, not lost
  await sweep(1);
  expect(query.store.get().warning).toBe(null);
  await sweep(1);
  expect(query.store.get().warning).toBe(null);
  await sweep(1);
  expect([query.store.get().warning?.code, query.store.get().status, warned]).toEqual(['live/changes-dropped', 'live', ['the server is dropping changes']]);
  await sweep(0);
  await sweep(0);
  expect(query.store.get().warning).toBe(null);
});

test('a first read that fails is tried again when that can help, and not when it cannot', async () => {
  const { clock, reads, read, query, goLive } = setup();
  query.store.subscribe(() => undefined);
  await goLive();
  await read(0).fail('live/snapshot-failed');
  expect(query.store.get()).toMatchObject({ status: 'error', error: { code: 'live/snapshot-failed' } });
  await clock.advance(1_000);
  expect(reads.length).toBe(2);
  await read(1).fail('live/snapshot-invalid');
  await clock.advance(3_600_000);
  expect([reads.length, query.store.get().error?.code]).toEqual([2, 'live/snapshot-invalid']);
});

test('a sweep that fails once says nothing; one that keeps failing makes the rows stale, until one succeeds', async () => {
  const { clock, read, begin, query, status } = setup({ reconcileMs: 3_000 });
  await begin([{ id: 'a', at: 1 }]);
  await clock.advance(3_000);
  await read(1).fail('live/snapshot-failed');
  expect(status()).toBe('live');
  await clock.advance(60_000);
  await read(2).fail('live/snapshot-failed');
  await clock.advance(60_000);
  await read(3).fail('live/snapshot-failed');
  expect(query.store.get()).toMatchObject({ status: 'stale', error: { code: 'live/snapshot-failed' } });
  await clock.advance(60_000);
  await read(4).answer([{ id: 'a', at: 1 }]);
  await clock.advance(1_000);
  expect(query.store.get()).toMatchObject({ status: 'live', error: null });
});

test('R9: when rows of a full window are deleted, the next ones are read on from its end', async () => {
  const { reads, read, begin, remove, ids } = setup({ limit: 2 });
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  await remove('a');
  expect([ids(), reads.length, read(1).request]).toEqual([['b'], 2, { columns: '*', after: { id: 'b', at: 2 }, limit: 1 }]);
  await remove('b');
  await read(1).answer([{ id: 'c', at: 3 }]);
  expect([ids(), read(2).request]).toEqual([['c'], { columns: '*', after: { id: 'c', at: 3 }, limit: 1 }]);
  await read(2).answer([]);
  await remove('c');
  expect([ids(), reads.length]).toEqual([[], 3]);
});

test('R4: after a gap the rows are stale until those that are missing at the end are read, too', async () => {
  const { clock, wire, read, begin, goLive, remove, ids, status } = setup({ limit: 2 });
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  wire.last().handlers.onEnded(new RealtimeError('channel/closed', 'x'));
  await clock.advance(0);
  await goLive();
  await remove('a');
  await read(1).answer([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  await read(2).answer([]); // a may have come again
  expect([ids(), status()]).toEqual([['b'], 'stale']);
  await read(3).answer([{ id: 'c', at: 3 }]);
  expect([ids(), status()]).toEqual([['b', 'c'], 'live']);
});

test('R4: after a gap the rows are stale until one that changed meanwhile is read again, once, however often it changes', async () => {
  const { clock, wire, reads, read, begin, goLive, insert, ids, status } = setup();
  await begin([{ id: 'a', at: 1 }]);
  wire.last().handlers.onEnded(new RealtimeError('channel/closed', 'x'));
  await clock.advance(0);
  await goLive();
  await insert('a', 2);
  await read(1).answer([{ id: 'a', at: 3 }]);
  expect([status(), read(2).request.keys]).toEqual(['stale', ['a']]);
  await insert('a', 4);
  await read(2).answer([{ id: 'a', at: 5 }]);
  expect([ids(), status(), reads.length]).toEqual([['a'], 'live', 3]);
});

test('R9: rows that leave and come in one message leave nothing to read on, and the rows after them stay unknown', async () => {
  const { wire, reads, begin, remove, read, ids, query } = setup({ limit: 2 });
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  const change = (data: Record<string, unknown>): void => { wire.last().handlers.onEvent({ type: 'postgres_changes', payload: { data: { schema: 'public', table: 'notes', commit_timestamp: null, ...data } } }); };
  change({ type: 'DELETE', old_record: { id: 'b' } });
  change({ type: 'INSERT', record: { id: 'c', at: 0 } });
  await settle();
  expect([ids(), query.store.get().hasMore, reads.length]).toEqual([['c', 'a'], true, 1]);
  await remove('a');
  await read(1).answer([{ id: 'd', at: 3 }]);
  expect(ids()).toEqual(['c', 'd']);
});

test('R9: rows that were read on after an end that has moved since are read again', async () => {
  const { read, begin, insert, remove, ids } = setup({ limit: 2 });
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  await remove('a');
  for (const at of [0.1, 0.2, 0.3, 0.4]) await insert(`early ${String(at)}`, at); // b no longer fits
  for (const at of [0.2, 0.3, 0.4]) await remove(`early ${String(at)}`);
  await read(1).answer([{ id: 'c', at: 3 }]); // after b
  expect(read(2).request).toMatchObject({ after: { id: 'early 0.4' }, limit: 1 });
  await read(2).answer([{ id: 'b', at: 2 }]);
  expect(ids()).toEqual(['early 0.1', 'b']);
});

test('R9: a row that an update moves behind the window makes room for the next one', async () => {
  const { reads, read, begin, insert, ids } = setup({ limit: 2 });
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  await insert('a', 9);
  expect(reads.length).toBe(2);
  await read(1).answer([{ id: 'c', at: 3 }]);
  expect(ids()).toEqual(['b', 'c']);
  await insert('c', 2.5);
  expect([ids(), reads.length]).toEqual([['b', 'c'], 2]);
});

test('loadMore shows as many rows again, reading on where it must', async () => {
  const { read, reads, begin, query, ids } = setup({ limit: 2 });
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  expect(query.store.get().hasMore).toBe(true);
  const more = query.loadMore();
  await settle();
  expect(read(1).request).toMatchObject({ after: { id: 'b' }, limit: 2 });
  await read(1).answer([{ id: 'c', at: 3 }]);
  await more;
  expect([ids(), query.store.get().hasMore]).toEqual([['a', 'b', 'c'], false]);
  await query.loadMore();
  expect(reads.length).toBe(2);
});

test('loadMore resolves when its rows are there, whatever else is read before them', async () => {
  const { read, begin, insert, remove, send, query, ids } = setup({ limit: 2 });
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  await send({ type: 'UPDATE', record: { id: 'a' }, errors: ['Error 413: Payload Too Large'] });
  let isDone = false;
  const more = query.loadMore().then(() => (isDone = true));
  await read(1).answer([{ id: 'a', at: 1 }]);
  expect([isDone, read(2).request.after]).toEqual([false, { id: 'b', at: 2 }]);
  for (const at of [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]) await insert(`early ${String(at)}`, at); // b no longer fits, so that what comes is of no use
  for (const at of [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]) await remove(`early ${String(at)}`);
  await read(2).answer([{ id: 'c', at: 3 }, { id: 'd', at: 4 }]);
  expect(isDone).toBe(false);
  await read(3).answer([{ id: 'b', at: 2 }, { id: 'c', at: 3 }]);
  await more;
  expect(ids()).toEqual(['early 0.1', 'a', 'b', 'c']);
});

test('a loadMore that was refused shows no more rows later', async () => {
  const { read, clock, begin, query, ids } = setup({ limit: 2 });
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  const refused = expect(query.loadMore()).rejects.toMatchObject({ code: 'live/snapshot-failed' });
  await settle();
  await read(1).fail('live/snapshot-failed');
  await refused;
  await clock.advance(2_000); // it would be tried again
  const more = query.loadMore();
  await settle();
  expect(read(2).request).toMatchObject({ after: { id: 'b' }, limit: 2 });
  await read(2).answer([{ id: 'c', at: 3 }, { id: 'd', at: 4 }]);
  await more;
  expect(ids()).toEqual(['a', 'b', 'c', 'd']);
});

test('V1: an invalid row that was read is reported once and left out, until it is another one', async () => {
  const { clock, read, channel, begin, ids } = setup({ definition: versioned });
  const invalid: string[] = [];
  channel.invalid$.subscribe(({ kind, reason }) => invalid.push(`${kind} ${reason}`));
  await begin([{ id: 'a', at: 1, v: 1 }, { id: 'bad', at: 'x', v: 2 }]);
  expect([ids(), invalid]).toEqual([['a'], ['snapshot schema']]);
  await clock.advance(30_000);
  await read(1).answer([{ id: 'a', at: 1, v: 1 }, { id: 'bad', at: 'x', v: 2 }]);
  await clock.advance(1_000);
  expect(invalid.length).toBe(1);
  await clock.advance(30_000);
  await read(2).answer([{ id: 'a', at: 1, v: 1 }, { id: 'bad', at: 2, v: 3 }]);
  await clock.advance(1_000);
  await read(3).answer([{ id: 'bad', at: 2, v: 3 }]);
  expect(ids()).toEqual(['a', 'bad']);
});

test('R9: rows that fail their schema keep their places, so that a table full of them is not read to its end', async () => {
  const { clock, reads, read, query, begin, ids, status } = setup({ limit: 2 });
  const bad = (id: string, at: number) => ({ id, at, v: 'x' });
  await begin([bad('a', 1), bad('b', 2)]);
  expect([ids(), status(), query.store.get().hasMore, reads.length]).toEqual([[], 'live', true, 1]);
  await clock.advance(60_000);
  const state = query.store.get();
  await read(1).answer([bad('a', 1), bad('b', 2)]);
  await clock.advance(1_000);
  expect([reads.length, query.store.get().rows]).toEqual([2, state.rows]);
  const more = query.loadMore();
  await settle();
  expect(read(2).request).toMatchObject({ after: { id: 'b' }, limit: 2 });
  await read(2).answer([{ id: 'c', at: 3 }, bad('d', 4)]);
  await more;
  expect([ids(), reads.length]).toEqual([['c'], 3]);
});

test('R4, R9: where a row that fails its schema was, the next one is shown once it is deleted, and it itself once it passes', async () => {
  const { read, begin, insert, remove, send, ids } = setup({ limit: 3 });
  await begin([{ id: 'a', at: 1 }, { id: 'bad', at: 2, v: 'x' }, { id: 'worse', at: 3, v: 'x' }]);
  await insert('e', 2.5);
  expect(ids()).toEqual(['a', 'e']);
  await insert('f', 2.7);
  expect(ids()).toEqual(['a', 'e']);
  await remove('bad');
  expect(ids()).toEqual(['a', 'e', 'f']);
  await remove('f');
  await remove('e');
  await read(1).answer([{ id: 'g', at: 5 }]);
  expect(ids()).toEqual(['a', 'g']);
  await send({ type: 'UPDATE', record: { id: 'worse', at: 3, v: 1 }, old_record: { id: 'worse' } });
  expect(ids()).toEqual(['a', 'worse', 'g']);
});

test('R9: the places of rows that fail their schema move as those of others', async () => {
  const { begin, clock, read, reads, ids } = setup({ limit: 2, definition: versioned });
  await begin([{ id: 'a', at: 1, v: 1 }, { id: 'bad', at: null, v: 1 }]);
  await clock.advance(30_000);
  await read(1).answer([{ id: 'a', v: 1 }, { id: 'bad', v: 1 }]);
  await clock.advance(30_000);
  await read(2).answer([{ id: 'bad', v: 2 }, { id: 'a', v: 1 }]);
  await clock.advance(1_000);
  await read(3).answer([{ id: 'bad', at: 0, v: 'x' }]);
  expect(reads.slice(1).map(({ request }) => request.keys ?? request.columns)).toEqual(['id,v', 'id,v', ['bad']]);
  expect(ids()).toEqual(['a']);
});

test('R7: a row the server could not send whole is read again, alone', async () => {
  const { read, begin, send, rows } = setup();
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  await send({ type: 'UPDATE', record: { id: 'a' }, columns: [{ name: 'id' }, { name: 'at' }] });
  await send({ type: 'UPDATE', record: { id: 'b' }, errors: ['Error 413: Payload Too Large'] });
  expect(read(1).request).toEqual({ columns: '*', keys: ['a'] });
  await read(1).answer([{ id: 'a', at: 7 }]);
  expect(read(2).request).toEqual({ columns: '*', keys: ['b'] });
  await read(2).answer([]);
  expect(rows()).toEqual([{ id: 'a', at: 7 }]);
});

test('R7: a row whose update fails its schema does not stay as it was: it is read again, and leaves if that fails too', async () => {
  const { channel, read, begin, send, ids } = setup();
  const invalid: InvalidPayload[] = [];
  channel.invalid$.subscribe((one) => invalid.push(one));
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  await send({ type: 'UPDATE', record: { id: 'a', at: 'soon' } });
  await read(1).answer([{ id: 'a', at: 'soon' }]);
  expect([ids(), invalid.map(({ kind, key }) => [kind, key])]).toEqual([['b'], [['change', 'a'], ['snapshot', 'a']]]);
});

test('R6: a row whose primary key changes leaves its old key with the change', async () => {
  const { begin, send, rows } = setup();
  await begin([{ id: 'a', at: 1 }]);
  await send({ type: 'UPDATE', record: { id: 'b', at: 2 }, old_record: { id: 'a' } });
  expect(rows()).toEqual([{ id: 'b', at: 2 }]);
});

test('R4: a row that changed during a sweep that does not find it is read again, for it may have gone after that', async () => {
  const { begin, clock, reads, read, send, rows } = setup({ definition: versioned });
  await begin([{ id: 'a', at: 1, v: 1 }, { id: 'b', at: 2, v: 1 }]);
  await clock.advance(30_000);
  await send({ type: 'UPDATE', record: { id: 'a', at: 1, v: 2 }, old_record: { id: 'a' } });
  await read(1).answer([{ id: 'b', v: 1 }]);
  await clock.advance(1_000);
  expect(reads.map(({ request }) => request.keys)).toEqual([undefined, undefined, ['a']]);
  await read(2).answer([]);
  expect(rows()).toEqual([{ id: 'b', at: 2, v: 1 }]);
});

test('where keeps rows out that do not meet it, and lets them go when they no longer do', async () => {
  const { begin, insert, ids } = setup({ where: [{ column: 'at', operator: 'lt', value: 10 }] });
  await begin([{ id: 'a', at: 1 }]);
  await insert('b', 11);
  await insert('c', 9);
  expect(ids()).toEqual(['a', 'c']);
  await insert('a', 10);
  expect(ids()).toEqual(['c']);
});

test('R4, R6: a row of which only the database can tell whether it meets the condition is read again, and no older change wins after that', async () => {
  const { begin, send, read, reads, ids, rows } = setup({ where: [{ column: 'word', operator: 'gt', value: 'n' }] });
  await begin([{ id: 'a', at: 1, word: 'Z' }]);
  await send({ type: 'UPDATE', record: { id: 'a', at: 2, word: 'Z' }, old_record: { id: 'a' }, commit_timestamp: '2026-01-01T00:00:01Z' });
  expect([rows(), reads.length]).toEqual([[{ id: 'a', at: 2, word: 'Z' }], 1]);
  await send({ type: 'UPDATE', record: { id: 'a', at: 4, word: 'Y' }, old_record: { id: 'a' }, commit_timestamp: '2026-01-01T00:00:03Z' });
  expect([ids(), read(1).request.keys]).toEqual([['a'], ['a']]);
  await read(1).answer([{ id: 'a', at: 4, word: 'Y' }]);
  await send({ type: 'UPDATE', record: { id: 'a', at: 3, word: 'Y' }, old_record: { id: 'a' }, commit_timestamp: '2026-01-01T00:00:02Z' });
  expect([rows(), reads.length]).toEqual([[{ id: 'a', at: 4, word: 'Y' }], 2]);
  await send({ type: 'INSERT', record: { id: 'b', at: 5, word: 'A' } });
  await read(2).answer([]);
  expect(ids()).toEqual(['a']);
});

test('select reads its columns and what order and key need, and does not mind the others', async () => {
  const wide = defineChannel({ name: 'wide', topic: 'wide', tables: { notes: { row: z.object({ id: z.string(), at: z.number(), text: z.string() }) } } });
  const { read, begin, insert, send, rows } = setup({ definition: wide as unknown as typeof notes, select: ['at'] });
  await begin([{ id: 'a', at: 1 }, { id: 'b', at: 'bad' }]);
  expect(read(0).request.columns).toBe('at,id');
  await insert('c', 2, { text: 'long' });
  await send({ type: 'UPDATE', record: { id: 'c', at: 2, text: 'longer' } });
  expect(rows()).toEqual([{ id: 'a', at: 1 }, { id: 'c', at: 2 }]);
});

test('changes$ tells every change once, after the rows show it, wherever it came from', async () => {
  const { clock, frames, read, query, begin, insert, remove } = setup();
  const heard: Change<AnyRow>[] = [];
  query.changes$.subscribe((change) => {
    expect(query.store.get().rows.some(({ id }) => id === change.key)).toBe(change.type !== 'DELETE');
    heard.push(change);
  });
  await begin([{ id: 'a', at: 1 }]);
  await insert('b', 2);
  await insert('b', 2);
  await remove('z');
  expect(heard).toEqual([]);
  frames.run();
  await clock.advance(60_000);
  await read(1).answer([{ id: 'b', at: 3 }]);
  await clock.advance(1_000);
  expect(heard.map(({ type, key }) => [type, key])).toEqual([['INSERT', 'b'], ['DELETE', 'a'], ['UPDATE', 'b']]);
  expect(heard.at(-1)).toMatchObject({ commitTimestamp: null, old: { id: 'b', at: 2 } });
});

test('R9: however many changes come between two frames, the store changes once, and not at all when rows do not', async () => {
  const { begin, insert, remove, frames, query, rows } = setup();
  await begin([{ id: 'a', at: 1 }]);
  let commits = 0;
  query.store.subscribe(() => (commits += 1));
  const before = rows();
  for (let n = 0; n < 99; n += 1) await insert(`row ${String(n)}`, n);
  expect([commits, query.store.get().rows]).toEqual([0, before]);
  frames.run();
  expect([commits, rows().length]).toEqual([1, 100]);
  const state = query.store.get();
  await insert('a', 1);
  await remove('nobody');
  frames.run();
  expect([commits, query.store.get()]).toEqual([1, state]);
  expect(query.store.get().rows).toBe(state.rows);
});

test('why a channel is not live yet is said while it is tried again', async () => {
  const { wire, query } = setup();
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onEnded(new RealtimeError('channel/subscription-failed', 'x'));
  expect(query.store.get()).toMatchObject({ status: 'loading', error: { code: 'channel/subscription-failed' } });
});

test('refresh resolves when the rows were read again, and rejects when they are not in time', async () => {
  const { clock, read, query, goLive } = setup();
  query.store.subscribe(() => undefined);
  const first = query.refresh();
  await goLive();
  await read(0).answer([]);
  await first;
  const second = expect(query.refresh()).rejects.toMatchObject({ code: 'live/snapshot-failed' });
  await clock.advance(15_000);
  await second;
});

test('a refresh is answered by a read that was asked for after it, not by the one under way', async () => {
  const { read, query, goLive } = setup();
  query.store.subscribe(() => undefined);
  await goLive();
  let refreshed = false;
  const done = query.refresh().then(() => (refreshed = true));
  await read(0).answer([]);
  expect(refreshed).toBe(false);
  await read(1).answer([{ id: 'written before the refresh', at: 1 }]);
  await done;
});

test('C1: when nobody subscribes any more, it is idle, a late answer changes nothing and no timer is left', async () => {
  const { clock, read, query, insert, ids, status, goLive, frames } = setup();
  const stop = query.store.subscribe(() => undefined);
  await goLive();
  await insert('x', 1);
  stop();
  await read(0).answer([{ id: 'a', at: 1 }]);
  expect([ids(), status(), clock.pending, frames.waiting]).toEqual([['x'], 'idle', 0, 0]);
});

test.each(['sweep', 'gap'])('C1: when nobody subscribes any more, a %s under way asks for nothing more and leaves no timer', async (repair) => {
  const { clock, wire, reads, read, query, goLive } = setup({ definition: versioned });
  const stop = query.store.subscribe(() => undefined);
  await goLive();
  await read(0).answer([{ id: 'a', at: 1, v: 1 }]);
  if (repair === 'sweep') await clock.advance(30_000);
  else wire.last().handlers.onResubscribed();
  await settle();
  if (repair === 'gap') stop();
  await read(1).answer([{ id: 'a', v: 2 }]);
  stop(); // a sweep waits for what may be on its way
  await settle();
  expect(clock.pending).toBe(0);
  await clock.advance(60_000);
  expect(reads.length).toBe(2);
});

test('C1: a refresh under way or to come is refused when the client is disposed', async () => {
  const { registry, clock, query, goLive } = setup();
  query.store.subscribe(() => undefined);
  await goLive();
  const underWay = expect(query.refresh()).rejects.toMatchObject({ code: 'client/disposed' });
  await registry.dispose();
  await underWay;
  await expect(query.refresh()).rejects.toMatchObject({ code: 'client/disposed' });
  expect(clock.pending).toBe(0);
});

test('a refresh of a refused channel says at once why', async () => {
  const { clock, wire, query } = setup();
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onEnded(new RealtimeError('channel/forbidden', 'no'));
  const waiting = clock.pending;
  await expect(query.refresh()).rejects.toMatchObject({ code: 'channel/forbidden' });
  expect(clock.pending).toBe(waiting);
});
