/** How often a tenant's rates are looked at, in milliseconds … */
export const LOOK_MS = 5_000;
/** … and how many looks their average spans, as recordings 08c, 08e and 08f have it. */
const LOOKS = 12;

/** Limits of a session; `Infinity` for none. Rates are per second. */
export interface Limits {
  maxEventsPerSecond: number;
  maxDbEventsPerSecond: number;
  maxJoinsPerSecond: number;
  maxChannelsPerClient: number;
  maxClientPresenceEventsPerWindow: number;
}

/** Limits nobody reaches, but for that of presence. */
export const UNLIMITED: Limits = { maxEventsPerSecond: Infinity, maxDbEventsPerSecond: Infinity, maxJoinsPerSecond: Infinity, maxChannelsPerClient: 100, maxClientPresenceEventsPerWindow: 5 };

/** A rate as the model has it: the mean of what was counted between looks, compared at each look. */
export class ModelRate {
  readonly #limit: number;
  #looks = [0];
  #counted = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get exceeded(): boolean {
    return this.#looks.reduce((sum, count) => sum + count, 0) / this.#looks.length / (LOOK_MS / 1_000) >= this.#limit;
  }

  count(times = 1): void {
    this.#counted += times;
  }

  look(): void {
    this.#looks = [this.#counted, ...this.#looks].slice(0, LOOKS);
    this.#counted = 0;
  }
}
