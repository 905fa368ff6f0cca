/** Counts calls in a sliding window: at most `max` in any `windowMs`. */
export class CallLimit {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  #calls: number[] = [];

  constructor({ max, windowMs, now }: { max: number; windowMs: number; now: () => number }) {
    this.#max = max;
    this.#windowMs = windowMs;
    this.#now = now;
  }

  /** Whether one more call is allowed now; an allowed one is counted. */
  allow(): boolean {
    const now = this.#now();
    this.#calls = this.#calls.filter((at) => now - at < this.#windowMs);
    if (this.#calls.length >= this.#max) return false;
    this.#calls.push(now);
    return true;
  }
}
