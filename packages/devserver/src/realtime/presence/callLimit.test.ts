import { expect, it } from 'vitest';
import { CallLimit } from './callLimit.ts';

it('allows five calls in any thirty seconds, and counts no refused one', () => {
  let now = 0;
  const limit = new CallLimit({ max: 5, windowMs: 30_000, now: () => now });
  expect([1, 2, 3, 4, 5, 6].map(() => limit.allow())).toEqual([true, true, true, true, true, false]);
  now = 29_999;
  expect(limit.allow()).toBe(false);
  now = 30_000;
  expect(limit.allow()).toBe(true);
});
