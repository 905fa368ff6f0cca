import * as z from 'zod/mini';
import { expect, test } from 'vitest';
import { batch, conflateBy, createStore, defineChannel, throttledChanges, type Change, type Clock } from '../src/index.ts';
import { createFakeClock } from './support/fakeClock.ts';
import { openMemorySocket } from './support/memorySocket.ts';

const SECONDS = 10;
const EVENTS_A_MS = 10;
const KEYS = 1_000;
const INTERVAL_MS = 17;

interface Row {
  id: string;
  n: number;
}
const flooded = defineChannel({ name: 'flooded', topic: 'flooded', tables: { items: { row: z.object({ id: z.string(), n: z.number() }) } } });

/** A store of rows by key, and what it went through. */
function createSubject(clock: Clock) {
  const store = createStore<ReadonlyMap<string, Row>>(new Map());
  const commits: number[] = [];
  let largest = 0;
  store.subscribe(() => commits.push(clock.now()));
  return {
    store,
    apply: (changes: readonly Change<Row>[]): void => {
      largest = Math.max(largest, changes.length);
      const rows = new Map(store.get());
      for (const change of changes) {
        if (change.type === 'DELETE') rows.delete(change.key);
        else rows.set(change.key, change.row);
      }
      store.set(rows);
    },
    /** Most commits within any second. */
    peak: () => Math.max(...commits.map((at, index) => index + 1 - commits.findIndex((earlier) => earlier > at - 1_000))),
    largest: () => largest,
  };
}

/** The frame of the nth change: of a row that every other change is about, or of one of a thousand that come, change and go. */
function frameOf(n: number): { frame: string; apply: (model: Map<string, Row>) => void } {
  const id = n % 2 === 0 ? 'hot' : `row ${String((n * 7) % KEYS)}`;
  const type = n % 13 === 5 ? 'DELETE' : 'UPDATE';
  const data = { schema: 'public', table: 'items', type, columns: [{ name: 'id', type: 'text' }, { name: 'n', type: 'int4' }], commit_timestamp: null, errors: null, ...(type === 'UPDATE' && { record: { id, n } }), old_record: { id } };
  return {
    frame: JSON.stringify([null, null, 'realtime:flooded', 'postgres_changes', { ids: [1], data }]),
    apply: (model) => {
      if (type === 'DELETE') model.delete(id);
      else model.set(id, { id, n });
    },
  };
}

test('F2: ten thousand changes a second for ten seconds cause at most sixty commits a second, keep buffers small, and leave every row right', async () => {
  const clock = createFakeClock();
  const { realtime, ...socket } = openMemorySocket({ clock });
  const channel = realtime.channel(flooded);
  const [batched, conflated, throttled, byDefault] = [createSubject(clock), createSubject(clock), createSubject(clock), createSubject(clock)];
  channel.changes$('items').pipe(batch({ intervalMs: INTERVAL_MS, clock })).subscribe(batched.apply);
  channel.changes$('items').pipe(batch({ clock })).subscribe(byDefault.apply);
  channel.changes$('items').pipe(conflateBy(({ key }) => key, { intervalMs: INTERVAL_MS, clock })).subscribe(conflated.apply);
  throttledChanges(channel, { intervalMs: INTERVAL_MS, clock }).subscribe(throttled.apply);
  while (channel.store.get().status !== 'live') await clock.advance(1);

  const model = new Map<string, Row>();
  for (let n = 0; n < SECONDS * 1_000 * EVENTS_A_MS; ) {
    for (let inMs = 0; inMs < EVENTS_A_MS; inMs += 1, n += 1) {
      const { frame, apply } = frameOf(n);
      apply(model);
      socket.feed(frame);
    }
    await clock.advance(1);
  }
  await clock.advance(INTERVAL_MS);

  const sorted = (rows: ReadonlyMap<string, Row>): Row[] => [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const { store, peak, largest } of [batched, conflated, throttled, byDefault]) {
    expect(sorted(store.get())).toEqual(sorted(model));
    expect(peak()).toBeLessThanOrEqual(60);
    expect(largest()).toBeLessThanOrEqual((INTERVAL_MS + 1) * EVENTS_A_MS);
  }
  // Of the row that every other change is about, one a commit is left.
  expect(conflated.largest()).toBeLessThanOrEqual(((INTERVAL_MS + 1) * EVENTS_A_MS) / 2 + 1);
  expect(channel.invalidCount).toBe(0);
  await Promise.all([realtime.dispose(), clock.advance(2_000)]);
}, 60_000);
