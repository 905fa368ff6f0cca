import { expect, test } from 'vitest';
import { backoff, retryDelay } from './backoff.ts';

test('the delay is uniform between nothing and a ceiling that doubles up to the cap', () => {
  expect(backoff(0, { random: () => 0 })).toBe(0);
  expect([0, 1, 2, 3].map((attempt) => backoff(attempt, { random: () => 0.5 }))).toEqual([250, 500, 1_000, 2_000]);
  expect(backoff(50, { random: () => 0.5, capMs: 10_000 })).toBe(5_000);
  expect(() => backoff(-1)).toThrow(RangeError);
});

test('C2: the first retry is at once, later ones are jittered, and a floor is kept by all', () => {
  expect(retryDelay(0, { random: () => 0.9 })).toBe(0);
  expect(retryDelay(1, { random: () => 0.5 })).toBe(250);
  expect(retryDelay(0, { floorMs: 5_000 })).toBe(5_000);
  expect(retryDelay(2, { floorMs: 5_000, random: () => 0.5 })).toBe(5_500);
});
