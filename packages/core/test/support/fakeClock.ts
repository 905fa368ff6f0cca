import type { Clock, TimerHandle } from '../../src/index.ts';

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Moves on, running what falls due in order, and lets promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Moves on without running anything, as a machine does that sleeps; what fell due runs at the next `advance`. */
  sleep(ms: number): void;
  /** How many timers wait. */
  readonly pending: number;
}

/** Starts at one second after 1970. `settle` lets what waits for anything but time run. */
export function createFakeClock(settle: () => Promise<void> = settlePromises): FakeClock {
  let now = 1_000;
  let last = 0;
  const timers = new Map<number, { at: number; callback: () => void }>();
  return {
    now: () => now,
    setTimeout(callback, delayMs) {
      timers.set((last += 1), { at: now + delayMs, callback });
      return last as unknown as TimerHandle; // opaque to everybody but clearTimeout below
    },
    clearTimeout(handle) {
      timers.delete(handle as unknown as number); // as above
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
        if (due === undefined) break;
        const [id, { at, callback }] = due;
        timers.delete(id);
        now = Math.max(now, at);
        callback();
        await settle();
      }
      now = end;
    },
    sleep(ms) {
      now += ms;
    },
    get pending() {
      return timers.size;
    },
  };
}

/** Lets everything that waits for promises alone run. */
export const settle = settlePromises;

async function settlePromises(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
