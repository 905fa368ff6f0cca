/** The longest delay that the platform's timers keep, 24.8 days: they run those of longer ones at once. */
export const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Handle of a pending timer; what `setTimeout` of the platform gives. */
export type TimerHandle = ReturnType<typeof setTimeout>;

/** Time and timers, as one replaceable part: tests pass a clock they move by hand. */
export interface Clock {
  /** Wall clock in milliseconds since 1970. */
  now(): number;
  /** Runs `callback` once after `delayMs` milliseconds; {@link systemClock} after 24.8 days at the latest. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  /** Forgets a pending timer; unknown and past handles are ignored. */
  clearTimeout(handle: TimerHandle): void;
}

/** The clock of the platform. Looks the globals up on every call, so that fake timers installed later are honoured. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(delayMs, LONGEST_DELAY_MS)),
  clearTimeout: (handle) => {
    clearTimeout(handle);
  },
};
