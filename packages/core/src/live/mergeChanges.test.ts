import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepRuns } from '../../test/support/deep.ts';
import type { Change } from '../channel/types.ts';
import { createMerge, type Merge, type MergeOptions } from './mergeChanges.ts';
import type { AnyRow } from './rowWindow.ts';

// A type, not an interface: only a type fits a row of any columns.
type Row = { id: string; at: number | null; text: string };

const merge = ({ ascending = true, ...options }: Partial<MergeOptions> & { ascending?: boolean } = {}): Merge =>
  createMerge({ schema: 'public', table: 't', keyOf: (row) => String(row['id']), order: { column: 'at', ascending, key: ['id'] }, limit: 100, ...options });
const stamp = (n: number): string => new Date(n * 1_000).toISOString();
const base = (key: string, time: number | null) => ({ schema: 'public', table: 't', key, commitTimestamp: time === null ? null : stamp(time) });
const put = (row: Row, time: number | null = null, type: 'INSERT' | 'UPDATE' = 'INSERT'): Change<Row> =>
  type === 'INSERT' ? { ...base(row.id, time), type, row } : { ...base(row.id, time), type, row, old: { id: row.id } };
const del = (id: string, time: number | null = null): Change<Row> => ({ ...base(id, time), type: 'DELETE', old: { id } });
const rowsOf = ({ window }: Merge): readonly AnyRow[] => window.view().items();
const byKey = (rows: readonly Row[]) => rows.map((row) => [row.id, row] as const);

/** What a query of all rows gives: the model. */
function sorted(rows: Iterable<Row>, ascending = true): Row[] {
  return [...rows].sort((a, b) => {
    if (a.at === b.at) return a.id < b.id ? -1 : 1;
    if (a.at === null || b.at === null) return a.at === null ? 1 : -1;
    return ascending ? a.at - b.at : b.at - a.at;
  });
}

/** Reads the whole query of a table into the rows, as a repair does. */
function replace(rows: Merge, table: readonly Row[], meanwhile: readonly Change<Row>[] = [], ascending = true): Change<AnyRow>[] {
  const changes: Change<AnyRow>[] = [];
  rows.watch();
  const wanted = Math.max(rows.window.limit, rows.window.size);
  const read = sorted(table, ascending).slice(0, wanted);
  const found = new Set(read.map(({ id }) => id));
  const gone = [...rows.window.keys()].filter((key) => !found.has(key));
  for (const change of meanwhile) rows.apply(change);
  rows.repair({ put: byKey(read), gone, end: read.length < wanted ? null : (read.at(-1) ?? null) }, (change) => changes.push(change));
  return changes;
}

/** Histories of a few rows: at each time one row is written or deleted. */
const history = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), at: fc.nat(5), gone: fc.boolean() }), { minLength: 1, maxLength: 20 }).map((steps) =>
  steps.map(({ id, at, gone }, time) => (gone ? del(id, time) : put({ id, at, text: String(time) }, time, time % 2 === 0 ? 'INSERT' : 'UPDATE'))),
);

test('R9: a row that was read by its key is not shown beyond the end, in a window that became empty either', () => {
  const rows = merge({ limit: 1 });
  const [first, far] = [{ id: 'first', at: 1, text: '' }, { id: 'far', at: 9, text: '' }];
  rows.repair({ put: byKey([first]), gone: [], end: first }, () => undefined);
  rows.apply(del('first'));
  const changes: Change<AnyRow>[] = [];
  rows.repair({ put: byKey([far]), gone: [] }, (change) => changes.push(change));
  expect([rowsOf(rows), changes, rows.window.missing()]).toEqual([[], [], 1]);
});

test('R3: any order and repetition of the same changes gives the same rows', () => {
  fc.assert(
    fc.property(history, fc.infiniteStream(fc.nat()), fc.constantFrom(undefined, 'text'), (changes, noise, version) => {
      const model = new Map<string, Row>();
      for (const change of changes) {
        if (change.type === 'DELETE') model.delete(change.key);
        else model.set(change.key, change.row);
      }
      const shuffled = [...changes, ...changes].map((change) => ({ change, order: noise.next().value as number })).sort((a, b) => a.order - b.order);
      const actual = merge({ version });
      for (const { change } of shuffled) actual.apply(change);
      expect(rowsOf(actual)).toEqual(sorted(model.values()));
    }),
    { numRuns: deepRuns({ usual: 500, deep: 10_000 }) },
  );
});

test('R6: a DELETE that carries only the key removes the row; one of an unknown key changes nothing', () => {
  const rows = merge();
  rows.apply(put({ id: 'a', at: 1, text: 'x' }));
  rows.apply(put({ id: 'b', at: 2, text: 'y' }));
  const before = rowsOf(rows);
  expect(rows.apply(del('z'))).toBe(null);
  expect(rowsOf(rows)).toBe(before);
  expect(rows.apply(del('a'))).toMatchObject({ type: 'DELETE', key: 'a', old: { id: 'a', at: 1, text: 'x' } });
  expect(rowsOf(rows)).toEqual([{ id: 'b', at: 2, text: 'y' }]);
});

test('R9, R5, R2: in order, within the limit, and what was read on when rows are short: as the table, after any changes', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
  const aRow = fc.record({ id: fc.constantFrom(...ids), at: fc.option(fc.nat(4)), text: fc.constantFrom('x', 'y') });
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('write' as const), row: aRow }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), id: fc.constantFrom(...ids) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), row: aRow, gone: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('repair' as const), meanwhile: fc.array(aRow, { maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('more' as const) }) },
  );
  fc.assert(
    fc.property(fc.array(aRow, { maxLength: 12 }), fc.array(step, { maxLength: 40 }), fc.boolean(), fc.integer({ min: 1, max: 4 }), (start, steps, ascending, limit) => {
      const table = new Map(start.map((row) => [row.id, row]));
      const rows = merge({ ascending, limit });
      let isWhole = true;
      const readOn = (): void => {
        const missing = rows.window.missing();
        if (missing === 0) return;
        const all = sorted(table.values(), ascending);
        const end = rows.window.end();
        const after = end === null ? all : sorted([...table.values(), { ...(end as Row), id: `${(end as Row).id} end` }], ascending);
        const from = end === null ? 0 : after.findIndex(({ id }) => id === `${(end as Row).id} end`);
        const next = all.slice(from, from + missing);
        rows.watch();
        rows.repair({ put: byKey(next), gone: [], end: next.length < missing ? null : (next.at(-1) ?? null) }, () => undefined);
      };
      replace(rows, [...table.values()], [], ascending);
      for (const one of steps) {
        const before = rowsOf(rows);
        switch (one.do) {
          case 'write':
            table.set(one.row.id, one.row);
            rows.apply(put(one.row));
            break;
          case 'delete':
            table.delete(one.id);
            rows.apply(del(one.id));
            break;
          case 'lose':
            isWhole = false;
            if (one.gone) table.delete(one.row.id);
            else table.set(one.row.id, one.row);
            break;
          case 'repair': {
            const read = [...table.values()];
            for (const row of one.meanwhile) table.set(row.id, row);
            replace(rows, read, one.meanwhile.map((row) => put(row)), ascending);
            isWhole = true;
            break;
          }
          case 'more':
            rows.window.limit += limit;
        }
        if (isWhole) {
          for (let round = 0; rows.window.missing() > 0 && round < 10; round += 1) readOn();
          expect(rowsOf(rows)).toEqual(sorted(table.values(), ascending).slice(0, rows.window.limit));
        }
        const after = rowsOf(rows);
        // What changed and changed back within a repair may be another list.
        const isSimple = one.do !== 'more' && (one.do !== 'repair' || one.meanwhile.length === 0);
        if (isSimple && after.length === before.length && after.every((row, at) => row === before[at])) expect(after).toBe(before);
      }
    }),
    { numRuns: deepRuns({ usual: 500, deep: 20_000 }) },
  );
});

test('R9: unchanged rows keep their identity over a repair, and so does the list when nothing changed', () => {
  const rows = merge();
  replace(rows, [{ id: 'a', at: 1, text: 'x' }, { id: 'b', at: 2, text: 'y' }]);
  const before = rowsOf(rows);
  expect(replace(rows, [{ id: 'a', at: 1, text: 'x' }, { id: 'b', at: 2, text: 'y' }])).toEqual([]);
  expect(rowsOf(rows)).toBe(before);
  const changes = replace(rows, [{ id: 'a', at: 1, text: 'x' }, { id: 'b', at: 2, text: 'new' }]);
  expect(rowsOf(rows)[0]).toBe(before[0]);
  expect(changes).toMatchObject([{ type: 'UPDATE', key: 'b', commitTimestamp: null, row: { text: 'new' }, old: { text: 'y' } }]);
});

test('R2: changes that arrived while the rows were read win over what was read', () => {
  const rows = merge();
  replace(rows, [{ id: 'a', at: 1, text: 'old' }, { id: 'b', at: 2, text: 'x' }], [put({ id: 'c', at: 3, text: 'z' }, 1), del('b', 2), put({ id: 'a', at: 1, text: 'new' }, 3, 'UPDATE')]);
  expect(rowsOf(rows)).toEqual([{ id: 'a', at: 1, text: 'new' }, { id: 'c', at: 3, text: 'z' }]);
});

test('R4: what was read newer wins over what the stream told of a row from beyond the end', () => {
  const read = [{ id: 'a', at: 1, text: '2' }, { id: 'b', at: 2, text: '0' }];
  for (const version of ['text', undefined]) {
    const rows = merge({ limit: 2, version });
    rows.watch();
    rows.apply(put({ id: 'a', at: 9, text: '1' }, 1));
    const unsure = rows.repair({ put: byKey(read), gone: [], end: read[1] ?? null }, () => undefined);
    // Without versions only another read can tell.
    if (version === undefined) expect(unsure).toEqual(['a']);
    else expect([rowsOf(rows), unsure]).toEqual([read, []]);
  }
});

test('R4: a row that was read and that the stream deleted meanwhile is read again: it may have come again', () => {
  const rows = merge({ version: 'text' });
  rows.watch();
  rows.apply(del('a', 1));
  expect(rows.repair({ put: byKey([{ id: 'a', at: 1, text: '2' }]), gone: [], end: null }, () => undefined)).toEqual(['a']);
  expect(rowsOf(rows)).toEqual([]);
});

test('R5: a row that the table no longer has is gone after a repair', () => {
  const rows = merge();
  rows.apply(put({ id: 'a', at: 1, text: 'x' }, 1));
  expect(replace(rows, [{ id: 'b', at: 1, text: 'x' }])).toMatchObject([{ type: 'DELETE', key: 'a' }, { type: 'INSERT', key: 'b' }]);
  expect(rowsOf(rows)).toEqual([{ id: 'b', at: 1, text: 'x' }]);
});

test('a change older than what was read, by the version column, does not turn its row back, and what was read newer wins', () => {
  const rows = merge({ version: 'text' });
  replace(rows, [{ id: 'a', at: 1, text: '2026-01-02' }]);
  expect(rows.apply(put({ id: 'a', at: 9, text: '2026-01-01' }, 1, 'UPDATE'))).toBe(null);
  replace(rows, [{ id: 'a', at: 1, text: '2026-01-04' }], [put({ id: 'a', at: 9, text: '2026-01-03' }, 2, 'UPDATE')]);
  expect(rowsOf(rows)).toEqual([{ id: 'a', at: 1, text: '2026-01-04' }]);
});

test('of two changes the later commit wins, though its version column lags: now() is when a transaction began', () => {
  const rows = merge({ version: 'text' });
  rows.apply(put({ id: 'a', at: 1, text: '12:00:02' }, 3));
  rows.apply(put({ id: 'a', at: 2, text: '12:00:01' }, 4, 'UPDATE'));
  expect(rowsOf(rows)).toEqual([{ id: 'a', at: 2, text: '12:00:01' }]);
});

test('a row that no longer meets the conditions leaves as a DELETE', () => {
  const rows = merge({ matches: (row) => row['text'] === 'open' });
  rows.apply(put({ id: 'a', at: 1, text: 'open' }));
  expect(rows.apply(put({ id: 'a', at: 1, text: 'done' }, null, 'UPDATE'))).toMatchObject({ type: 'DELETE', key: 'a', old: { text: 'open' } });
  expect(rows.apply(put({ id: 'b', at: 1, text: 'done' }))).toBe(null);
  expect(rowsOf(rows)).toEqual([]);
});

test('R3: a late UPDATE does not revive a deleted row, however many rows were deleted meanwhile or are kept', () => {
  const rows = merge();
  rows.apply(put({ id: 'shown', at: 0, text: 'new' }, 9));
  for (let n = 0; n < 20_000; n += 1) rows.apply(del(`gone ${String(n)}`, 10));
  rows.apply(put({ id: 'gone 19999', at: 1, text: 'late' }, 5, 'UPDATE'));
  rows.apply(put({ id: 'shown', at: 0, text: 'late' }, 5, 'UPDATE'));
  expect(rowsOf(rows)).toEqual([{ id: 'shown', at: 0, text: 'new' }]);
});
