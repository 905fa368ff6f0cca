import { expect, test } from 'vitest';
import { createFakeClock } from '../../test/support/fakeClock.ts';
import { throttleLatest } from './throttle.ts';

test('F1: the first value is handled at once, and of each interval the last', async () => {
  const clock = createFakeClock();
  const handled: number[] = [];
  const throttled = throttleLatest<number>((value) => handled.push(value), 100, clock);
  for (let n = 0; n < 10; n += 1) {
    throttled(n);
    await clock.advance(30);
  }
  await clock.advance(1_000);
  expect(handled).toEqual([0, 3, 6, 9]);
  throttled(10);
  expect(handled.at(-1)).toBe(10);
});

test('nothing is handled after cancel', async () => {
  const clock = createFakeClock();
  const handled: number[] = [];
  const throttled = throttleLatest<number>((value) => handled.push(value), 100, clock);
  throttled(1);
  throttled(2);
  throttled.cancel();
  await clock.advance(1_000);
  expect([handled, clock.pending]).toEqual([[1], 0]);
});
