import { expect, test, vi } from 'vitest';
import { LONGEST_DELAY_MS, systemClock } from './clock.ts';

test.each([LONGEST_DELAY_MS + 1, 30 * 24 * 3_600_000, Infinity])('a timer of %d ms, which the platform would run at once, runs after the longest time that it can wait', (delayMs) => {
  const platform = vi.spyOn(globalThis, 'setTimeout');
  systemClock.clearTimeout(systemClock.setTimeout(() => undefined, delayMs));
  expect(platform.mock.lastCall?.[1]).toBe(LONGEST_DELAY_MS);
  platform.mockRestore();
});
