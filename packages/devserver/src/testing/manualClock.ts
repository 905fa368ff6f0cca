import type { Clock } from '../lib/time.ts';

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Timers that are waiting to fall due. */
  readonly waiting: number;
  /** Moves on by `ms`, calling on the way, in order and each at its time, what falls due. */
  advance(ms: number): void;
}

/** Creates a clock for tests; it shows `startMs` until moved. @param startMs wall clock, default the present */
export function createManualClock(startMs: number = Date.now()): ManualClock {
  const waiting = new Set<{ dueMs: number; action: () => void }>();
  let nowMs = startMs;

  const nextUntil = (endMs: number) => {
    let next: { dueMs: number; action: () => void } | undefined;
    for (const timer of waiting) if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    return next;
  };

  return {
    get waiting() {
      return waiting.size;
    },

    now: () => nowMs,

    setTimeout(action, delayMs) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), action };
      waiting.add(timer);
      return () => void waiting.delete(timer);
    },

    advance(ms) {
      const endMs = nowMs + ms;
      for (let timer = nextUntil(endMs); timer !== undefined; timer = nextUntil(endMs)) {
        waiting.delete(timer);
        nowMs = timer.dueMs;
        timer.action();
      }
      nowMs = endMs;
    },
  };
}
