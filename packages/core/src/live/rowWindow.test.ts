import { expect, test } from 'vitest';
import { createRowWindow, type AnyRow } from './rowWindow.ts';

const keyOf = (row: AnyRow): string => String(row['id']);
const open = (limit: number) => {
  const window = createRowWindow({ column: 'title', ascending: true, key: ['id'] }, keyOf, limit);
  return { window, put: (row: AnyRow) => window.put(keyOf(row), row), shown: () => window.view().items().map(keyOf) };
};

test('R9: an order that was taught outlives any number of texts that come and go', () => {
  const { window, put, shown } = open(10);
  const taught = ['zebra', 'mole', 'ant'].map((title, id) => ({ id, title }));
  window.learn({ rows: taught, after: null });
  window.fill(taught.map((row) => [keyOf(row), row]), null);
  for (let n = 0; n < 5_000; n += 1) {
    put({ id: 'passing', title: `title ${String(n)}` });
    window.remove('passing');
  }
  expect(shown()).toEqual(['0', '1', '2']);
  put({ id: 3, title: 'zebra' });
  expect(shown()).toEqual(['0', '3', '1', '2']);
});

test('R9: texts that are guessed into one gap, again and again, stay apart', () => {
  const { put, shown } = open(1_000);
  const titles = Array.from({ length: 200 }, (_, n) => `${'a'.repeat(200 - n)}b`);
  put({ id: 'first', title: 'A!' });
  for (const [id, title] of titles.entries()) put({ id, title });
  expect(shown()).toEqual(['first', ...titles.map((_, id) => String(id))]);
});

test('R9: a window is sure of its order where the server told it, and always of times, numbers and uuids', () => {
  const { window, put } = open(10);
  const rows = ['2026-01-01T00:00:00+00:00', '2026-01-02T00:00:00.5+00:00'].map((title, id) => ({ id, title }));
  for (const row of rows) put(row);
  expect([window.isSure(rows), window.isSure([{ id: 3, title: 'soon' }])]).toEqual([true, false]);
  put({ id: 3, title: 'soon' });
  put({ id: 4, title: 'later' });
  expect(window.isSure([])).toBe(false);
  window.learn({ rows: [...rows, { id: 4, title: 'later' }, { id: 3, title: 'soon' }], after: null });
  expect([window.isSure([{ id: 5, title: 'soon' }]), window.isSure([{ id: 5, title: 'sooner' }])]).toEqual([true, false]);
});

test.each(['the first rows', 'those after the end'])('R9: what was taught of %s is not forgotten before they are put in, however many texts came and went', (which) => {
  const { window, put, shown } = open(500);
  const end = { id: 'end', title: '~' };
  window.learn({ rows: [end], after: null });
  put(end);
  const passing = (): void => {
    for (let n = 0; n < 900; n += 1) {
      put({ id: 'passing', title: `title ${String(n)}` });
      window.remove('passing');
    }
  };
  passing();
  const told = Array.from({ length: 300 }, (_, n) => ({ id: n, title: `told ${String((n * 7) % 300)}` }));
  window.learn({ rows: told, after: which === 'the first rows' ? null : end });
  passing();
  window.remove('end');
  for (const row of told) put(row);
  expect(shown()).toEqual(told.map(keyOf));
});
