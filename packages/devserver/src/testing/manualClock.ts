import type { Clock } from '../lib/time.ts';
import { withPatience } from './patience.ts';

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Timers that are waiting to fall due. */
  readonly waiting: number;
  /** Moves on by `ms`, calling on the way, in order and each at its time, what falls due. */
  advance(ms: number): void;
  /**
   * Resolves once at least so many timers wait, e.g. one more than before, when the server is to begin a pause.
   * @throws Error that says how many wait, when that takes more than 4 s of real time
   */
  waitForTimers(count: number): Promise<void>;
}

const PATIENCE_MS = 4_000;

/** Creates a clock for tests; it shows `startMs` until moved. @param startMs wall clock, default the present */
export function createManualClock(startMs: number = Date.now()): ManualClock {
  const waiting = new Set<{ dueMs: number; action: () => void }>();
  const onTimer = new Set<() => void>();
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
      for (const listener of onTimer) listener();
      return () => void waiting.delete(timer);
    },

    waitForTimers(count) {
      if (waiting.size >= count) return Promise.resolve();
      let listener: () => void;
      const enough = new Promise<void>((resolve) => {
        listener = () => waiting.size >= count && resolve();
        onTimer.add(listener);
      });
      const awaited = { what: `${count} timers`, seen: () => `${waiting.size} are waiting`, patienceMs: PATIENCE_MS };
      return withPatience(enough, awaited).finally(() => onTimer.delete(listener));
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
