import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUuid7, newId, uuid7 } from './uuid7.ts';

const LAYOUT = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Later than what other tests made. */
let start = Date.UTC(2100, 0);

test('ids are laid out as RFC 9562 says, differ, and sort as they were made, whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 50 }), (steps) => {
      let now = (start += 1_000);
      const ids = steps.map((step) => uuid7((now += step)));
      for (const id of ids) expect(id).toMatch(LAYOUT);
      expect([...new Set(ids)].sort()).toEqual(ids);
    }),
    { numRuns: 500 },
  );
});

test('an id tells the time of its making, and more than 4,096 of one millisecond go on in the next', () => {
  const now = (start += 1_000_000);
  const ids = Array.from({ length: 4_097 }, () => uuid7(now));
  const timeOf = (id: string | undefined): number => Number.parseInt((id ?? '').replace('-', '').slice(0, 12), 16);
  expect([timeOf(ids[0]), timeOf(ids[4_095]), timeOf(ids[4_096])]).toEqual([now, now, now + 1]);
  expect([...new Set(ids)].sort()).toEqual(ids);
});

test('knows one from UUIDs of other versions and from other values', () => {
  expect([newId(), newId().toUpperCase(), crypto.randomUUID(), `${newId()}0`, 'post-1', 7, undefined].map(isUuid7)).toEqual([true, true, false, false, false, false, false]);
});
