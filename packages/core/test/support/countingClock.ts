import { systemClock, type Clock } from '../../src/index.ts';

/** A clock that knows how many of its timers wait. */
export function countingClock(): Clock & { pending: () => number } {
  const waiting = new Set<unknown>();
  return {
    now: () => systemClock.now(),
    setTimeout(callback, delayMs) {
      const handle = systemClock.setTimeout(() => {
        waiting.delete(handle);
        callback();
      }, delayMs);
      waiting.add(handle);
      return handle;
    },
    clearTimeout(handle) {
      waiting.delete(handle);
      systemClock.clearTimeout(handle);
    },
    pending: () => waiting.size,
  };
}
