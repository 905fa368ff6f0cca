import { systemClock, type Clock } from '../../src/index.ts';

/** A clock that runs `speed` times as fast as ours, for whole clients over real sockets: their waits pass in no time. */
export function createFastClock(speed: number): Clock {
  const start = performance.now();
  const startMs = Date.now();
  return {
    now: () => startMs + (performance.now() - start) * speed,
    setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs / speed),
    clearTimeout: (handle) => { systemClock.clearTimeout(handle); },
  };
}
