import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeRanges } from './placeRanges.ts';

test('neighbouring places are one range', () => {
  expect(placeRanges([7, 1, 3, 2, 9, 8, 2])).toEqual([[1, 3], [7, 9]]);
  expect(placeRanges([])).toEqual([]);
});

test('ranges hold the places given, each once, and no two of them could be one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (places) => {
      const ranges = placeRanges(places);
      const held = ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
      expect(held).toEqual([...new Set(places)].sort((a, b) => a - b));
      for (const [index, [from]] of ranges.slice(1).entries()) expect(from).toBeGreaterThan((ranges[index]?.[1] ?? 0) + 1);
    }),
    { numRuns: 500 },
  );
});
