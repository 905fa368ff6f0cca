import type { Clock } from './clock.ts';

/** Settles as `promise` does, or rejects with what `onTimeout` gives after `timeoutMs` milliseconds. */
export function withTimeout<T>(promise: Promise<T>, timeoutMs: number, clock: Clock, onTimeout: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      reject(onTimeout());
    }, timeoutMs);
    promise.then(resolve, reject).finally(() => {
      clock.clearTimeout(timer);
    });
  });
}
