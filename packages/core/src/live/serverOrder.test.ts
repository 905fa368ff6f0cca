import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { deepRuns } from '../../test/support/deep.ts';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { createFakeWire, fakeConnection } from '../../test/support/fakeWire.ts';
import { createManualFrames } from '../../test/support/manualFrames.ts';
import { createChannelRegistry } from '../channel/channelRegistry.ts';
import { defineChannel, type TableDefinition } from '../channel/defineChannel.ts';
import { silentLogger } from '../lib/logger.ts';
import { compareInstants } from '../lib/instant.ts';
import { createLiveQuery, type ErasedQuery } from './liveQuery.ts';
import type { AnyRow } from './rowWindow.ts';
import type { TableReader } from './tableReader.ts';
import { createTextGuess } from './textGuess.ts';
import { createTextOrder } from './textOrder.ts';

const RECONCILE_MS = 10_000;

interface Row extends AnyRow {
  readonly id: string;
  readonly title: string | null;
  readonly v: number;
}
type Order = (a: string, b: string) => number;

const byUnit: Order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const english: Order = new Intl.Collator('en-US').compare;
const plain = z.object({ id: z.string(), title: z.nullable(z.string()), v: z.number() });

/** A server with one table, ordered by its title as `titles` says and then by its id as `ids` says; nulls last. */
function setup({ definition, titles, ids = byUnit, ascending = true, ...options }: Partial<ErasedQuery> & { definition?: Partial<Pick<TableDefinition, 'row' | 'version'>>; titles: Order; ids?: Order; ascending?: boolean }) {
  const table = new Map<string, Row>();
  const order = (a: Row, b: Row): number => {
    if (a.title === null || b.title === null) return Number(a.title === null) - Number(b.title === null) || ids(a.id, b.id);
    return (ascending ? 1 : -1) * titles(a.title, b.title) || ids(a.id, b.id);
  };
  let reads = 0;
  const reader: TableReader = {
    end: () => undefined,
    readTexts: () => Promise.resolve(null),
    async read(_query, { keys, after, limit }) {
      reads += 1;
      await Promise.resolve();
      const found = [...table.values()].filter((row) => (keys?.includes(row.id) ?? true) && (after == null || order(row, after as Row) > 0)); // only such rows are given
      return found.sort(order).slice(0, limit ?? Infinity);
    },
  };
  const [clock, wire, frames] = [createFakeClock(), createFakeWire(), createManualFrames()];
  const registry = createChannelRegistry({ userId: null, wire, connection: fakeConnection(wire, clock), clock, logger: silentLogger, lingerMs: 0, random: () => 0.5 });
  const channel = registry.get(defineChannel({ name: 'notes', topic: 'notes', tables: { notes: { row: plain, ...definition } } }));
  const query = createLiveQuery({ channel: channel, table: 'notes', orderBy: { column: 'title', ascending }, reconcileMs: RECONCILE_MS, ...options }, { reader, clock, frames, logger: silentLogger, lingerMs: 0, random: () => 1 });
  const rest = async (): Promise<void> => {
    for (let turn = 0; turn < 30; turn += 1) await settle();
  };
  const change = async (data: Record<string, unknown>): Promise<void> => {
    wire.last().handlers.onEvent({ type: 'postgres_changes', payload: { data: { schema: 'public', table: 'notes', commit_timestamp: null, ...data } } });
    await rest();
  };
  let version = 0;
  const put = (id: string, title: string | null): Row => {
    const row = { id, title, v: (version += 1) };
    table.set(id, row);
    return row;
  };
  return {
    query,
    reads: () => reads,
    /** A write that the stream tells. */
    write: (id: string, title: string | null) => change({ type: table.has(id) ? 'UPDATE' : 'INSERT', record: put(id, title), old_record: { id } }),
    remove: async (id: string): Promise<void> => {
      if (table.delete(id)) await change({ type: 'DELETE', old_record: { id } });
    },
    /** A write that the stream loses. */
    lose: (id: string, title: string | null): void => void put(id, title),
    begin: async (): Promise<void> => {
      query.store.subscribe(() => undefined);
      await settle();
      wire.last().handlers.onJoined();
      wire.last().handlers.onSubscribed();
      await rest();
    },
    /** Two comparisons with the table, and the second that each waits. */
    sweep: async (): Promise<void> => {
      await clock.advance(RECONCILE_MS);
      await rest();
      await clock.advance(1_000);
      await rest();
    },
    shown: () => {
      frames.run();
      return query.store.get().rows.map(({ id }) => id);
    },
    expected: (count = 100) => [...table.values()].sort(order).slice(0, count).map(({ id }) => id),
    rest,
  };
}

test.each([{}, { version: 'v' }])('R9: rows ordered by text are those of the database, whatever its collation: %o', async (definition: { version?: string }) => {
  const { lose, begin, sweep, shown, expected, query, reads, rest } = setup({ definition, titles: english, limit: 2 });
  for (const title of ['apple', 'Banana', 'cherry', 'Date', 'elder', 'Fig']) lose(title, title);
  await begin();
  expect(shown()).toEqual(['apple', 'Banana']);
  await sweep();
  expect([shown(), reads(), query.store.get().status]).toEqual([expected(2), 2, 'live']);
  void query.loadMore();
  await rest();
  expect([shown(), reads()]).toEqual([['apple', 'Banana', 'cherry', 'Date'], 3]);
});

test('R9: rows ordered by an enum are in the order of its definition', async () => {
  const level = ['low', 'medium', 'high'];
  const { lose, write, begin, shown, expected, query, rest } = setup({ titles: (a, b) => level.indexOf(a) - level.indexOf(b), ascending: false, limit: 2 });
  for (const [id, title] of ['low', 'high', 'medium', 'high', 'low', 'medium'].entries()) lose(String(id), title);
  await begin();
  expect(shown()).toEqual(expected(2));
  void query.loadMore();
  await rest();
  expect(shown()).toEqual(expected(4));
  await write('0', 'high');
  expect(shown()).toEqual(expected(4));
});

test('R9: a row that a guess puts in the wrong place is in the right one after a comparison', async () => {
  const { lose, write, begin, sweep, shown, expected } = setup({ titles: (a, b) => -english(a, b), limit: 3 });
  for (const title of ['b', 'd', 'f', 'h', 'j']) lose(title, title);
  await begin();
  await write('c', 'c');
  await write('i', 'i');
  await write('z', 'z');
  await sweep();
  expect(shown()).toEqual(expected(3));
});

test('R9: texts that the database does not tell apart are ordered by key', async () => {
  const { lose, begin, sweep, shown, expected, write } = setup({ titles: (a, b) => byUnit(a.toLowerCase(), b.toLowerCase()), limit: 10 });
  for (const [id, title] of ['b', 'A', 'a', 'B', 'A', 'b'].entries()) lose(String(id), title);
  await begin();
  expect(shown()).toEqual(expected());
  await write('6', 'a');
  await sweep();
  expect(shown()).toEqual(expected());
});

test('R9: keys of text break ties as the database does', async () => {
  const { lose, begin, sweep, shown, expected, write } = setup({ titles: byUnit, ids: english, limit: 3 });
  for (const id of ['aX', 'Bk', 'cQ', 'Dw', 'eZ']) lose(id, '2026-01-01T00:00:00+00:00');
  await begin();
  expect(shown()).toEqual(expected(3));
  await write('bb', '2026-01-01T00:00:00+00:00');
  await sweep();
  expect(shown()).toEqual(expected(3));
});

test('R9: moments in several zones are in order, and infinity is after them', async () => {
  const moments: Order = (a, b) => (a === 'infinity' || b === 'infinity' ? Number(a === 'infinity') - Number(b === 'infinity') : (compareInstants(a, b) ?? 0));
  const { write, begin, sweep, shown, expected } = setup({ titles: moments });
  await begin();
  await write('summer', '2026-10-25T02:30:00+02:00');
  await write('winter', '2026-10-25T02:10:00+01:00');
  await write('before', '2026-10-25T00:20:00.5+00:00');
  expect(shown()).toEqual(['before', 'summer', 'winter']);
  await write('never', 'infinity');
  await sweep();
  expect(shown()).toEqual(expected());
});

test.each(['en-US', 'enum', 'C', 'citext'])('R9, R4: in the order of %s the rows are those of the table, whatever was written and lost', async (kind) => {
  const words = ['a', 'A', 'b', 'B', 'é', 'e', 'z', '_', '-', '1', '10', '2', 'aa', 'a b', 'a-b', '2026-01-01', 'infinity'];
  const some = fc.constantFrom(...words);
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ what: fc.constantFrom('write', 'lose'), id: fc.constantFrom('k', 'K', 'l', 'M', 'n', 'o', 'P', 'q'), title: fc.option(some) }) },
    fc.record({ what: fc.constant('remove'), id: fc.constantFrom('k', 'K', 'l', 'M', 'n') }),
    fc.constant({ what: 'sweep' }),
    fc.constant({ what: 'more' }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.shuffledSubarray(words, { minLength: words.length }), fc.boolean(), fc.boolean(), fc.integer({ min: 1, max: 3 }), async (steps, shuffled, ascending, isVersioned, limit) => {
      const orders: Record<string, Order> = { 'en-US': (a, b) => english(a, b) || byUnit(a, b), enum: (a, b) => shuffled.indexOf(a) - shuffled.indexOf(b), C: byUnit, citext: (a, b) => english(a.toLowerCase(), b.toLowerCase()) };
      const server = setup({ titles: orders[kind] ?? byUnit, ids: english, ascending, limit, definition: isVersioned ? { version: 'v' } : {} });
      let count = limit;
      for (const [id, title] of shuffled.slice(0, 5).entries()) server.lose(`x${String(id)}`, title);
      await server.begin();
      expect(server.shown()).toEqual(server.expected(count));
      for (const one of steps) {
        if (one.what === 'write' && 'title' in one) await server.write(one.id, one.title);
        else if (one.what === 'lose' && 'title' in one) server.lose(one.id, one.title);
        else if (one.what === 'remove' && 'id' in one) await server.remove(one.id);
        else if (one.what === 'sweep') await server.sweep();
        else if (one.what === 'more') {
          count += limit;
          void server.query.loadMore();
          await server.rest();
        }
      }
      await server.sweep();
      expect([server.shown(), server.query.store.get().status]).toEqual([server.expected(count), 'live']);
    }),
    { numRuns: 40 },
  );
});

test('R9: an order column that the schema makes a Date keeps its microseconds', async () => {
  const row = z.object({ id: z.string(), title: z.coerce.date(), v: z.number() });
  const moments: Order = (a, b) => compareInstants(a, b) ?? 0;
  const { lose, begin, sweep, shown, expected, query, rest, reads } = setup({ definition: { row }, titles: moments, ascending: false, limit: 3 });
  for (let at = 1; at <= 9; at += 1) lose(`r${String(at)}`, `2024-01-01T00:00:01.500${String(at)}+00:00`); // all in one ms
  await begin();
  expect(shown()).toEqual(['r9', 'r8', 'r7']);
  void query.loadMore();
  await rest();
  await sweep();
  expect([shown(), reads()]).toEqual([expected(6), 3]);
  expect(query.store.get().rows[0]?.['title']).toEqual(new Date('2024-01-01T00:00:01.500Z'));
});

test('R9: a row whose version the schema makes an object is the same row while it is equal', async () => {
  const row = z.object({ id: z.string(), title: z.string(), v: z.pipe(z.number(), z.transform((v) => new Date(v))) });
  const { lose, begin, sweep, query, reads, rest, write, shown } = setup({ definition: { row, version: 'v' }, titles: byUnit });
  lose('a', 'x');
  await begin();
  const [before] = query.store.get().rows;
  void query.refresh();
  await rest();
  await sweep();
  expect(query.store.get().rows[0]).toBe(before);
  expect(reads()).toBe(3); // nothing was read by key
  await write('a', 'y');
  expect([shown(), query.store.get().rows[0]?.['title']]).toEqual([['a'], 'y']);
});

test('R9: a numbered text is placed surely among others, unless the server orders such otherwise; any other is a guess', () => {
  const order = (told: readonly string[], ascending = true) => {
    let guesses = 0;
    const guess = createTextGuess(ascending);
    const texts = createTextOrder<never>(guess, (certain) => { guesses += Number(!certain); });
    guess.heed(told);
    texts.teach(told, null);
    return { isPlaced: (text: string) => texts.isPlaced(text), guesses: (text: string) => (texts.placeOf(text), guesses), texts };
  };
  const items = order(['item-0001', 'item-0003', 'item-0010']);
  expect(['item-0002', 'item-0011', 'item-0000', 'item-00020', 'Item-0002', 'other', 'item-2'].map((text) => items.isPlaced(text))).toEqual([true, true, true, false, false, false, false]);
  expect([items.guesses('item-0011'), items.guesses('item-0002'), items.guesses('item-00020')]).toEqual([0, 0, 1]);
  expect(items.texts.placeOf('item-0002').rank).toBeLessThan(items.texts.placeOf('item-0003').rank);
  expect(order(['n100', 'n010'], false).isPlaced('n050')).toBe(true);
  expect(order(['n100', 'n010']).isPlaced('n050')).toBe(false);
  expect(order(['n010', 'text']).isPlaced('n050')).toBe(false);
  expect(order(['p1', 'p3']).isPlaced('p2')).toBe(false);
});

test('R9: numbered texts are in the same order in any collation', { timeout: 600_000 }, () => {
  const guess = createTextGuess(true);
  const collations = ['en-US', 'sv', 'da', 'cs', 'ar', 'ja', 'th'].flatMap((locale) => [{}, { numeric: true }, { caseFirst: 'upper' as const }, { ignorePunctuation: true }].map((options) => new Intl.Collator(locale, options)));
  const texts = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.integer({ min: 3, max: 6 }), fc.nat(999), fc.nat(999)).map(([head, digits, one, other]) => [`${head}${String(one).padStart(digits, '0')}`, `${head}${String(other).padStart(digits, '0')}`] as const);
  fc.assert(fc.property(texts, ([one, other]) => {
    fc.pre(guess.isCertain(one, other));
    for (const collation of collations) expect(collation.compare(one, other), JSON.stringify(collation.resolvedOptions())).toBeLessThan(0);
  }), { numRuns: deepRuns({ usual: 300, deep: 100_000 }) });
});
