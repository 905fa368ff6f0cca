import type { Timers } from '../../lib/time.ts';

/** How often a rate is looked at, in milliseconds, as on the real server … */
export const TICK_MS = 5_000;
/** … and how many looks its average spans. */
const TICKS = 12;

/** Options of {@link RateMeter}. */
export interface RateMeterOptions {
  /** Counts per second from which the meter is exceeded; asked at every look. */
  limit: () => number;
  timers: Timers;
  /** Hears the average of every look, in counts per second. */
  onLook?: (average: number) => void;
}

/**
 * A rate as the real server measures it: what was counted between two looks goes into a row of at most twelve, whose
 * average is compared with the limit. The first look is the first use, so that a burst counts for half after five
 * seconds and for a twelfth when the server has been in use for a minute.
 */
export class RateMeter {
  readonly #options: RateMeterOptions;
  #counted = 0;
  #looks: number[] = [];
  #average = 0;
  #exceeded = false;
  #stop: (() => void) | null = null;

  constructor(options: RateMeterOptions) {
    this.#options = options;
  }

  /** Whether the limit was reached at the last look. */
  get exceeded(): boolean {
    return this.#exceeded;
  }

  /** Counts per second at the last look. */
  get average(): number {
    return this.#average;
  }

  /** Begins to measure; does nothing when it has begun. */
  start(): void {
    if (this.#stop) return;
    this.#look();
    this.#stop = this.#options.timers.every(TICK_MS, () => this.#look());
  }

  count(times = 1): void {
    this.start();
    this.#counted += times;
  }

  /** Forgets all it measured, as the real server does when the limit is changed. */
  restart(): void {
    this.#stop?.();
    this.#stop = null;
    this.#counted = 0;
    this.#looks = [];
    this.#average = 0;
    this.#exceeded = false;
  }

  #look(): void {
    this.#looks = [this.#counted, ...this.#looks].slice(0, TICKS);
    this.#counted = 0;
    const total = this.#looks.reduce((sum, count) => sum + count, 0);
    this.#average = total / this.#looks.length / (TICK_MS / 1_000);
    this.#exceeded = this.#average >= this.#options.limit();
    this.#options.onLook?.(this.#average);
  }
}
