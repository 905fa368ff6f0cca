/** What somebody waits for: all rows anew, or rows after the end. */
export type Awaited = 'refresh' | 'more';

/** Some of those who wait. */
interface Waiting {
  /** Ends the waits that are over. @param isOver - @defaultValue all are */
  resolve(isOver?: (what: Awaited) => boolean): void;
  reject(error: unknown): void;
}

/** Those who wait for rows to be read. */
export interface ReadWaiters {
  /** Joins those who wait; `done` ends this wait alone. */
  add(what: Awaited): { readonly promise: Promise<void>; readonly done: () => void };
  /** Those who wait now: who comes later wants to know of later rows. */
  now(isMeant: (what: Awaited) => boolean): Waiting;
}

interface Waiter {
  readonly what: Awaited;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Nobody waits at first. */
export function createReadWaiters(): ReadWaiters {
  const waiters = new Set<Waiter>();
  const settle = (which: readonly Waiter[], finish: (waiter: Waiter) => void): void => {
    for (const waiter of which) if (waiters.delete(waiter)) finish(waiter);
  };
  return {
    add(what) {
      let done = (): void => undefined;
      const promise = new Promise<void>((resolve, reject) => {
        const waiter = { what, resolve, reject };
        waiters.add(waiter);
        done = () => { settle([waiter], () => { resolve(); }); };
      });
      return { promise, done };
    },
    now(isMeant) {
      const which = [...waiters].filter(({ what }) => isMeant(what));
      return {
        resolve: (isOver = () => true) => { settle(which.filter(({ what }) => isOver(what)), ({ resolve }) => { resolve(); }); },
        reject: (error) => { settle(which, ({ reject }) => { reject(error); }); },
      };
    },
  };
}
