import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change } from '../channel/types.ts';
import { createMerge } from './mergeChanges.ts';

// A type, not an interface: only a type fits a row of any columns.
type Row = { id: string; at: number; text: string };

const merge = (options: Partial<Parameters<typeof createMerge>[0]> = {}) =>
  createMerge({ keyOf: (row) => String(row['id']), orderBy: 'at', ascending: true, limit: 100, ...options });
const stamp = (n: number): string => new Date(n * 1_000).toISOString();
const base = (key: string, time: number | null) => ({ schema: 'public', table: 't', key, commitTimestamp: time === null ? null : stamp(time) });
const put = (row: Row, time: number | null = null, type: 'INSERT' | 'UPDATE' = 'INSERT'): Change<Row> =>
  type === 'INSERT' ? { ...base(row.id, time), type, row } : { ...base(row.id, time), type, row, old: { id: row.id } };
const del = (id: string, time: number | null = null): Change<Row> => ({ ...base(id, time), type: 'DELETE', old: { id } });

/** Histories of a few rows: at each time one row is written or deleted. */
const history = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), at: fc.nat(5), gone: fc.boolean() }), { minLength: 1, maxLength: 20 }).map((steps) =>
  steps.map(({ id, at, gone }, time) => (gone ? del(id, time) : put({ id, at, text: String(time) }, time, time % 2 === 0 ? 'INSERT' : 'UPDATE'))),
);

test('R3: any order and repetition of the same changes gives the same rows', () => {
  fc.assert(fc.property(history, fc.infiniteStream(fc.nat()), (changes, noise) => {
    const expected = merge();
    for (const change of changes) expected.apply(change);
    const shuffled = [...changes, ...changes].map((change) => ({ change, order: noise.next().value as number })).sort((a, b) => a.order - b.order);
    const actual = merge();
    for (const { change } of shuffled) actual.apply(change);
    expect(actual.rows()).toEqual(expected.rows());
  }));
});

test('R6: a DELETE that carries only the key removes the row; one of an unknown key changes nothing', () => {
  const rows = merge();
  rows.apply(put({ id: 'a', at: 1, text: 'x' }));
  rows.apply(put({ id: 'b', at: 2, text: 'y' }));
  const before = rows.rows();
  expect(rows.apply(del('z'))).toBe(false);
  expect(rows.rows()).toBe(before);
  expect(rows.apply(del('a'))).toBe(true);
  expect(rows.rows()).toEqual([{ id: 'b', at: 2, text: 'y' }]);
});

test('R9: rows are in order and within the limit, as a sort of all of them would give', () => {
  const some = fc.array(fc.record({ id: fc.constantFrom(...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']), at: fc.option(fc.nat(4)) }), { maxLength: 40 });
  fc.assert(fc.property(some, fc.boolean(), fc.integer({ min: 1, max: 6 }), (writes, ascending, limit) => {
    const snapshot = [...new Map(writes.map((row) => [row.id, row])).values()];
    const rows = merge({ ascending, limit });
    rows.replace(snapshot, []);
    const direction = ascending ? 1 : -1;
    const sorted = [...snapshot].sort((a, b) => {
      if (a.at === b.at) return a.id < b.id ? -1 : 1;
      if (a.at === null || b.at === null) return a.at === null ? 1 : -1;
      return (a.at - b.at) * direction;
    });
    expect(rows.rows()).toEqual(sorted.slice(0, limit));
  }));
});

test('R9: unchanged rows keep their identity over a snapshot, and so does the list when nothing changed', () => {
  const rows = merge();
  rows.replace([{ id: 'a', at: 1, text: 'x' }, { id: 'b', at: 2, text: 'y' }], []);
  const before = rows.rows();
  rows.replace([{ id: 'a', at: 1, text: 'x' }, { id: 'b', at: 2, text: 'y' }], []);
  expect(rows.rows()).toBe(before);
  rows.replace([{ id: 'a', at: 1, text: 'x' }, { id: 'b', at: 2, text: 'new' }], []);
  expect(rows.rows()[0]).toBe(before[0]);
});

test('R2: changes that arrived while the snapshot was read are applied to it', () => {
  const rows = merge();
  rows.replace([{ id: 'a', at: 1, text: 'old' }, { id: 'b', at: 2, text: 'x' }], [put({ id: 'c', at: 3, text: 'z' }, 1), del('b', 2), put({ id: 'a', at: 1, text: 'new' }, 3, 'UPDATE')]);
  expect(rows.rows()).toEqual([{ id: 'a', at: 1, text: 'new' }, { id: 'c', at: 3, text: 'z' }]);
});

test('R5: a row that the snapshot no longer has is gone', () => {
  const rows = merge();
  rows.apply(put({ id: 'a', at: 1, text: 'x' }, 1));
  rows.replace([{ id: 'b', at: 1, text: 'x' }], []);
  expect(rows.rows()).toEqual([{ id: 'b', at: 1, text: 'x' }]);
});

test('a change older than the snapshot by the version column does not turn its row back', () => {
  const rows = merge({ version: 'text' });
  rows.replace([{ id: 'a', at: 1, text: '2026-01-02' }], [put({ id: 'a', at: 9, text: '2026-01-01' }, 1, 'UPDATE')]);
  expect(rows.rows()).toEqual([{ id: 'a', at: 1, text: '2026-01-02' }]);
});

test('R9: whether a row never seen may have come into the window is known exactly', () => {
  const step = fc.record({ id: fc.constantFrom(...['a', 'b', 'c', 'd', 'e', 'f']), at: fc.nat(9), gone: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 8 }), fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), (before, after, limit) => {
    const table = new Map(before.map(({ id, at }) => [id, { id, at, text: '' }]));
    const window = (): Row[] => [...table.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).slice(0, limit);
    const rows = merge({ limit });
    rows.replace(window(), [], window().length >= limit);
    for (const { id, at, gone } of after) {
      const row = { id, at, text: '' };
      rows.apply(gone ? del(id) : put(row));
      if (gone) table.delete(id);
      else table.set(id, row);
      if (!rows.incomplete()) expect(rows.rows()).toEqual(window());
      else rows.replace(window(), [], window().length >= limit);
      expect(rows.incomplete()).toBe(false);
    }
  }));
});

test('R3: a late UPDATE does not revive a deleted row, however many rows were deleted meanwhile or are kept', () => {
  const rows = merge();
  rows.apply(put({ id: 'shown', at: 0, text: 'new' }, 9));
  for (let n = 0; n < 100_000; n += 1) rows.apply(del(`gone ${String(n)}`, 10));
  rows.apply(put({ id: 'gone 99999', at: 1, text: 'late' }, 5, 'UPDATE'));
  rows.apply(put({ id: 'shown', at: 0, text: 'late' }, 5, 'UPDATE'));
  expect(rows.rows()).toEqual([{ id: 'shown', at: 0, text: 'new' }]);
});
