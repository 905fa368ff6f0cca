import { map, Observable, type OperatorFunction } from 'rxjs';
import { systemClock, type Clock, type TimerHandle } from '../lib/clock.ts';

/** Options of {@link conflateBy} and {@link throttle}. */
export interface ConflateOptions<T> {
  /** Least time between two emissions, in ms. @defaultValue `1000` */
  intervalMs?: number;
  /** Told of every value that a later one of its key replaced before it was handed on. */
  onReplaced?: (value: T) => void;
  /** Time and timers; for tests. */
  clock?: Clock;
}

/**
 * Hands on, at most once per interval, the latest value of every key: the first at once, later ones together when the
 * interval is over, in the order their keys came. Values of different keys never replace each other, so that distinct rows
 * are all handed on: `conflateBy((change) => change.key)`. What waits is handed on when the source completes.
 *
 * @throws RangeError for an interval below 0.
 */
export function conflateBy<T>(keyOf: (value: T) => unknown, { intervalMs = 1_000, onReplaced, clock = systemClock }: ConflateOptions<T> = {}): OperatorFunction<T, readonly T[]> {
  if (!(intervalMs >= 0)) throw new RangeError(`intervalMs must be at least 0, got ${String(intervalMs)}`);
  return (source) =>
    new Observable((subscriber) => {
      const waiting = new Map<unknown, T>();
      let timer: TimerHandle | undefined;
      const flush = (): void => {
        timer = undefined;
        if (waiting.size === 0) return;
        const values = [...waiting.values()];
        waiting.clear();
        // Before the values: whoever hears them may cause the next one.
        timer = clock.setTimeout(flush, intervalMs);
        subscriber.next(values);
      };
      subscriber.add(() => {
        if (timer !== undefined) clock.clearTimeout(timer);
        timer = undefined;
      });
      subscriber.add(
        source.subscribe({
          next(value) {
            const key = keyOf(value);
            if (onReplaced !== undefined && waiting.has(key)) onReplaced(waiting.get(key) as T); // has it, as just seen
            waiting.set(key, value);
            if (timer === undefined) flush();
          },
          error(error) {
            subscriber.error(error);
          },
          complete() {
            if (waiting.size > 0) subscriber.next([...waiting.values()]);
            subscriber.complete();
          },
        }),
      );
    });
}

/** Hands on the first value at once and then the latest, at most once per interval. For state such as positions, never for distinct rows. */
export function throttle<T>(options: ConflateOptions<T> = {}): OperatorFunction<T, T> {
  return (source) =>
    source.pipe(
      conflateBy<T>(() => null, options),
      map((values) => values[0] as T), // one key, so one value
    );
}
