import type { Timers } from '../../lib/time.ts';

/** Counts calls in a sliding window: at most `max` in any `windowMs`. */
export class CallLimit {
  readonly max: number;
  readonly #windowMs: number;
  readonly #timers: Timers;
  #recent = 0;

  constructor({ max, windowMs, timers }: { max: number; windowMs: number; timers: Timers }) {
    this.max = max;
    this.#windowMs = windowMs;
    this.#timers = timers;
  }

  /** Whether one more call is allowed now; an allowed one is counted. */
  allow(): boolean {
    if (this.#recent >= this.max) return false;
    this.#recent += 1;
    this.#timers.after(this.#windowMs, () => (this.#recent -= 1));
    return true;
  }
}
