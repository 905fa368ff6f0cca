import type { Locks } from '../../src/outbox/standByLock.ts';

/** `navigator.locks` as far as exclusive locks go; Node 20 has none. */
export interface FakeLocks extends Locks {
  /** Names of locks that somebody holds. */
  held(): readonly string[];
  /** Takes a lock away from its holder, as `steal` does, and gives it to the next. */
  steal(name: string): void;
}

interface Waiting {
  readonly grant: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Locks of one browser: each name is given to one at a time, in the order of asking. */
export function createFakeLocks(): FakeLocks {
  const queues = new Map<string, Waiting[]>();
  const next = (name: string): void => {
    const [first] = queues.get(name) ?? [];
    if (first === undefined) return;
    const leave = (): void => {
      const queue = queues.get(name) ?? [];
      if (queue[0] !== first) return;
      queue.shift();
      next(name);
    };
    first.grant().finally(leave).then(first.resolve, first.reject);
  };
  return {
    request: (name, { signal }, held) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        const queue = queues.get(name) ?? [];
        queues.set(name, queue);
        let granted = false;
        const waiting: Waiting = {
          grant: () => {
            granted = true;
            return held();
          },
          resolve: () => resolve(undefined),
          reject,
        };
        signal.addEventListener('abort', () => {
          if (granted) return;
          queue.splice(queue.indexOf(waiting), 1);
          reject(signal.reason as Error);
        });
        queue.push(waiting);
        if (queue.length === 1) void Promise.resolve().then(() => next(name));
      }),
    held: () => [...queues].filter(([, queue]) => queue.length > 0).map(([name]) => name),
    steal(name) {
      queues.get(name)?.shift()?.reject(new DOMException('the lock was stolen', 'AbortError'));
      next(name);
    },
  };
}
