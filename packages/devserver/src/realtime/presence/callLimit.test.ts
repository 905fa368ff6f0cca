import { expect, it } from 'vitest';
import { createTime } from '../../lib/time.ts';
import { createManualClock } from '../../testing/manualClock.ts';
import { CallLimit } from './callLimit.ts';

it('allows five calls in any thirty seconds, and counts no refused one', () => {
  const clock = createManualClock();
  const limit = new CallLimit({ max: 5, windowMs: 30_000, timers: createTime({ clock }).timers() });
  expect([1, 2, 3, 4, 5, 6].map(() => limit.allow())).toEqual([true, true, true, true, true, false]);
  clock.advance(29_999);
  expect(limit.allow()).toBe(false);
  clock.advance(1);
  expect(limit.allow()).toBe(true);
});
