import type { Clock, TimerHandle } from '../lib/clock.ts';

/** A function whose calls are thinned out. */
export interface Throttled<T> {
  /** Hands `value` on now or later; a later value replaces one that waits. */
  (value: T): void;
  /** Drops the value that waits. */
  cancel(): void;
}

/**
 * Calls `handle` at once and then at most every `intervalMs`, always with the latest value: the first and the last of a
 * burst arrive, those in between may be replaced. For state such as pointer positions, never for distinct rows.
 */
export function throttleLatest<T>(handle: (value: T) => void, intervalMs: number, clock: Clock): Throttled<T> {
  let last = Number.NEGATIVE_INFINITY;
  let waiting: { value: T } | undefined;
  let timer: TimerHandle | undefined;

  const flush = (): void => {
    timer = undefined;
    if (waiting === undefined) return;
    const { value } = waiting;
    waiting = undefined;
    last = clock.now();
    handle(value);
  };
  const throttled = (value: T): void => {
    waiting = { value };
    const dueInMs = last + intervalMs - clock.now();
    if (timer !== undefined) return;
    if (dueInMs <= 0) flush();
    else timer = clock.setTimeout(flush, dueInMs);
  };
  return Object.assign(throttled, {
    cancel() {
      waiting = undefined;
      if (timer !== undefined) clock.clearTimeout(timer);
      timer = undefined;
    },
  });
}
