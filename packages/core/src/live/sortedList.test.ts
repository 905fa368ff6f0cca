import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepRuns } from '../../test/support/deep.ts';
import { createSortedList } from './sortedList.ts';

interface Item {
  readonly at: number;
  readonly id: number;
  readonly text: string;
}
const compare = (a: Item, b: Item): number => a.at - b.at || a.id - b.id;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), at: fc.nat(9), id: fc.nat(400), text: fc.string({ maxLength: 1 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), at: fc.nat(9), id: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('view' as const), count: fc.nat(500) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fill' as const), count: fc.nat(600) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove most' as const), keep: fc.nat(20) }) },
);

test('R9: the ordered list holds what a sorted array holds, and a view keeps what it saw', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const list = createSortedList(compare);
      let model: Item[] = [];
      const views: { seen: () => readonly Item[]; expected: Item[] }[] = [];
      for (const one of steps) {
        switch (one.do) {
          case 'put': {
            const at = model.findIndex((item) => compare(item, { ...one }) === 0);
            const item: Item = { at: one.at, id: one.id, text: one.text };
            expect(list.replace(item)).toBe(at !== -1);
            if (at === -1) list.add(item);
            model = (at === -1 ? [...model, item] : model.map((known, n) => (n === at ? item : known))).sort(compare);
            break;
          }
          case 'remove': {
            const gone = { at: one.at, id: one.id, text: '' };
            const before = model.length;
            model = model.filter((item) => compare(item, gone) !== 0);
            expect(list.remove(gone)).toBe(model.length < before);
            break;
          }
          case 'remove most':
            for (const item of model.filter((_, n) => n % 20 !== one.keep)) expect(list.remove(item)).toBe(true);
            model = model.filter((_, n) => n % 20 === one.keep);
            break;
          case 'fill':
            model = Array.from({ length: one.count }, (_, id) => ({ at: 5, id, text: '' }));
            list.fill(model);
            break;
          case 'view': {
            const view = list.view(one.count);
            views.push({ seen: view.items, expected: model.slice(0, one.count) });
          }
        }
        expect([list.size, list.last()]).toEqual([model.length, model.at(-1)]);
      }
      const last = list.view(Infinity);
      expect(last.items()).toEqual(model);
      expect(last.items()).toBe(last.items());
      for (const { seen, expected } of views) expect(seen()).toEqual(expected);
    }),
    { numRuns: deepRuns({ usual: 500, deep: 10_000 }) },
  );
});
