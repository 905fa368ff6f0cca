import type { SupabaseClient } from '@supabase/supabase-js';
import * as z from 'zod/mini';
import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { createFakeWire, fakeConnection } from '../../test/support/fakeWire.ts';
import { createChannelRegistry } from '../channel/channelRegistry.ts';
import { defineChannel } from '../channel/defineChannel.ts';
import { RealtimeError } from '../errors.ts';
import { silentLogger } from '../lib/logger.ts';
import { createLiveQuery } from './liveQuery.ts';

const notes = defineChannel({ name: 'notes', topic: 'notes', tables: { notes: { row: z.object({ id: z.string(), at: z.number() }) } } });

/** A PostgREST whose answers the test gives. */
function fakeRest() {
  const reads: { answer: (rows: unknown[]) => Promise<void>; fail: (status: number) => Promise<void> }[] = [];
  const builder = () => {
    const answered = new Promise<unknown>((resolve) => {
      const settled = async (answer: unknown): Promise<void> => {
        resolve(answer);
        await settle();
      };
      reads.push({ answer: (data) => settled({ data, error: null, status: 200 }), fail: (status) => settled({ data: null, error: { message: 'no' }, status }) });
    });
    const chain: Record<string, unknown> = { then: answered.then.bind(answered) };
    for (const name of ['from', 'select', 'filter', 'order', 'limit', 'abortSignal']) chain[name] = () => chain;
    return chain;
  };
  return { supabase: { schema: builder } as unknown as SupabaseClient, reads }; // only what a snapshot uses
}

function setup(limit = 100) {
  const clock = createFakeClock();
  const wire = createFakeWire();
  const { supabase, reads } = fakeRest();
  const registry = createChannelRegistry({ userId: null, wire, connection: fakeConnection(wire, clock), clock, logger: silentLogger, lingerMs: 0, random: () => 0.5 });
  const channel = registry.get(notes);
  const query = createLiveQuery({ channel: channel, table: 'notes', orderBy: { column: 'at' }, limit }, { supabase, clock, logger: silentLogger, lingerMs: 0, random: () => 0.5 });
  const read = (n: number) => {
    const found = reads[n];
    if (found === undefined) throw new Error(`snapshot ${String(n)} was not asked for`);
    return found;
  };
  const insert = (id: string, at: number): void => {
    wire.last().handlers.onEvent({ type: 'postgres_changes', payload: { data: { type: 'INSERT', schema: 'public', table: 'notes', record: { id, at }, commit_timestamp: null } } });
  };
  const remove = (id: string): void => {
    wire.last().handlers.onEvent({ type: 'postgres_changes', payload: { data: { type: 'DELETE', schema: 'public', table: 'notes', old_record: { id }, commit_timestamp: null } } });
  };
  const ids = () => query.store.get().rows.map((row) => row['id']);
  return { registry, clock, wire, reads, read, channel, query, insert, remove, ids };
}

test('R2: the snapshot is asked for only after the ok, and what arrives before its answer is not lost', async () => {
  const { wire, reads, read, query, insert, remove, ids } = setup();
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  insert('early', 1);
  expect([reads.length, query.store.get().status]).toEqual([0, 'loading']);
  wire.last().handlers.onSubscribed();
  expect(reads.length).toBe(1);
  insert('during', 3);
  remove('gone');
  await read(0).answer([{ id: 'early', at: 1 }, { id: 'gone', at: 2 }]);
  expect([ids(), query.store.get().status]).toEqual([['early', 'during'], 'live']);
  insert('after', 2);
  expect(ids()).toEqual(['early', 'after', 'during']);
});

test('R5: after a rejoin the rows are stale until a new snapshot is merged', async () => {
  const { clock, wire, read, query, ids } = setup();
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  await read(0).answer([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  wire.last().handlers.onEnded(new RealtimeError('channel/closed', 'x'));
  expect([ids(), query.store.get().status]).toEqual([['a', 'b'], 'stale']);
  await clock.advance(0);
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  expect(query.store.get().status).toBe('stale');
  await read(1).answer([{ id: 'b', at: 2 }, { id: 'c', at: 3 }]);
  expect([ids(), query.store.get().status]).toEqual([['b', 'c'], 'live']);
});

test('a snapshot that fails is tried again when that can help, and not when it cannot', async () => {
  const { clock, wire, reads, read, query } = setup();
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  await read(0).fail(503);
  expect(query.store.get()).toMatchObject({ status: 'error', error: { code: 'live/snapshot-failed' } });
  await clock.advance(1_000);
  expect(reads.length).toBe(2);
  await read(1).fail(403);
  await clock.advance(3_600_000);
  expect([reads.length, query.store.get().error?.code]).toEqual([2, 'live/snapshot-invalid']);
});

test('R9: when a row of a full window is deleted, the next one is fetched', async () => {
  const { wire, reads, read, query, remove, ids } = setup(2);
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  await read(0).answer([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  remove('a');
  expect([ids(), reads.length]).toEqual([['b'], 2]);
  await read(1).answer([{ id: 'b', at: 2 }, { id: 'c', at: 3 }]);
  expect(ids()).toEqual(['b', 'c']);
});

test('V1: an invalid row of a snapshot is reported and left out', async () => {
  const { wire, read, channel, query, ids } = setup();
  const invalid: string[] = [];
  channel.invalid$.subscribe(({ kind, reason }) => invalid.push(`${kind} ${reason}`));
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  await read(0).answer([{ id: 'a', at: 1 }, { id: 7, at: 2 }]);
  expect([ids(), invalid]).toEqual([['a'], ['snapshot schema']]);
});

test('R7: a row the server could not send whole is read again', async () => {
  const { wire, reads, read, query } = setup();
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  await read(0).answer([]);
  wire.last().handlers.onEvent({ type: 'postgres_changes', payload: { data: { type: 'UPDATE', schema: 'public', table: 'notes', record: { id: 'a' }, columns: [{ name: 'id' }, { name: 'at' }] } } });
  expect(reads.length).toBe(2);
});

test('why a channel is not live yet is said while it is tried again', async () => {
  const { wire, query } = setup();
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onEnded(new RealtimeError('channel/subscription-failed', 'x'));
  expect(query.store.get()).toMatchObject({ status: 'loading', error: { code: 'channel/subscription-failed' } });
});

test('refresh resolves when a new snapshot is merged, and rejects when there is none in time', async () => {
  const { clock, wire, read, query } = setup();
  query.store.subscribe(() => undefined);
  const first = query.refresh();
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  await read(0).answer([]);
  await first;
  const second = expect(query.refresh()).rejects.toMatchObject({ code: 'live/snapshot-failed' });
  await clock.advance(15_000);
  await second;
});

test('when nobody subscribes any more, it is idle and a late answer changes nothing', async () => {
  const { clock, wire, read, query, ids } = setup();
  const stop = query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  stop();
  await read(0).answer([{ id: 'a', at: 1 }]);
  expect([ids(), query.store.get().status, clock.pending]).toEqual([[], 'idle', 0]);
});

test('R9: rows that an earlier insert pushed out of the window come back when there is room again', async () => {
  const { wire, reads, read, query, insert, remove, ids } = setup(2);
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  await read(0).answer([{ id: 'a', at: 1 }]);
  insert('b', 2);
  insert('c', 3);
  remove('a');
  expect([ids(), reads.length]).toEqual([['b'], 2]);
  await read(1).answer([{ id: 'b', at: 2 }, { id: 'c', at: 3 }]);
  expect(ids()).toEqual(['b', 'c']);
});

test('R9: a row that an update moves behind the window makes room for the next one', async () => {
  const { wire, reads, read, query, insert, ids } = setup(2);
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  await read(0).answer([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  insert('a', 9);
  expect(reads.length).toBe(2);
  await read(1).answer([{ id: 'b', at: 2 }, { id: 'c', at: 3 }]);
  expect(ids()).toEqual(['b', 'c']);
  insert('c', 2.5);
  expect([ids(), reads.length]).toEqual([['b', 'c'], 2]);
});

test('R9: a full snapshot that lost a row while it was read is read again', async () => {
  const { wire, reads, read, query, remove, ids } = setup(2);
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  remove('a');
  await read(0).answer([{ id: 'a', at: 1 }, { id: 'b', at: 2 }]);
  expect([ids(), reads.length]).toEqual([['b'], 2]);
  await read(1).answer([{ id: 'b', at: 2 }, { id: 'c', at: 3 }]);
  expect([ids(), reads.length]).toEqual([['b', 'c'], 2]);
});

test('a refresh is answered by a snapshot that was asked for after it, not by the one under way', async () => {
  const { wire, read, query } = setup();
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
  let refreshed = false;
  const done = query.refresh().then(() => (refreshed = true));
  await read(0).answer([]);
  expect(refreshed).toBe(false);
  await read(1).answer([{ id: 'written before the refresh', at: 1 }]);
  await done;
});

test('C1: a refresh under way or to come is refused when the client is disposed', async () => {
  const { registry, clock, wire, query } = setup();
  query.store.subscribe(() => undefined);
  await settle();
  wire.last().handlers.onJoined();
  wire.last().handlers.onSubscribed();
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
