import { Observable, type OperatorFunction } from 'rxjs';
import { systemClock, type Clock, type TimerHandle } from '../lib/clock.ts';

/** Options of {@link batch}. */
export interface BatchOptions {
  /** How long the first value of a batch waits for others, in ms. @defaultValue `17`, at most 60 batches a second */
  intervalMs?: number;
  /** A batch of so many values does not wait any longer; bounds what is buffered. @defaultValue `1000` */
  maxItems?: number;
  /** Time and timers; for tests. */
  clock?: Clock;
}

/**
 * Hands values on in arrays: each value once, in the order they came. What waits is handed on when the source completes,
 * and dropped when nobody listens any more.
 *
 * @throws RangeError for an interval below 0 or fewer than one item.
 */
export function batch<T>({ intervalMs = 17, maxItems = 1_000, clock = systemClock }: BatchOptions = {}): OperatorFunction<T, readonly T[]> {
  if (!(intervalMs >= 0)) throw new RangeError(`intervalMs must be at least 0, got ${String(intervalMs)}`);
  if (!(maxItems >= 1)) throw new RangeError(`maxItems must be at least 1, got ${String(maxItems)}`);
  return (source) =>
    new Observable((subscriber) => {
      let waiting: T[] = [];
      let timer: TimerHandle | undefined;
      const cancel = (): void => {
        if (timer !== undefined) clock.clearTimeout(timer);
        timer = undefined;
      };
      const flush = (): void => {
        cancel();
        if (waiting.length === 0) return;
        const values = waiting;
        waiting = [];
        subscriber.next(values);
      };
      subscriber.add(cancel);
      subscriber.add(
        source.subscribe({
          next(value) {
            waiting.push(value);
            if (waiting.length >= maxItems) flush();
            else timer ??= clock.setTimeout(flush, intervalMs);
          },
          error(error) {
            subscriber.error(error);
          },
          complete() {
            flush();
            subscriber.complete();
          },
        }),
      );
    });
}
