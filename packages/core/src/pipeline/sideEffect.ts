import { tap, type MonoTypeOperatorFunction } from 'rxjs';

/**
 * Does something with every value beside the stream: a toast, a sound, a line of analytics. The stream does not wait for
 * it, and an effect that throws or rejects is reported and harms neither the stream nor other effects.
 *
 * @param onError - hears what an effect threw; when it throws itself, that is dropped.
 */
export function sideEffect<T>(effect: (value: T) => unknown, onError: (error: unknown, value: T) => void): MonoTypeOperatorFunction<T> {
  const report = (error: unknown, value: T): void => {
    try {
      onError(error, value);
    } catch {
      // The one who hears of failures failed: there is nobody left to tell.
    }
  };
  return tap((value) => {
    try {
      const result = effect(value);
      if (result instanceof Promise) result.catch((error: unknown) => { report(error, value); });
    } catch (error) {
      report(error, value);
    }
  });
}
