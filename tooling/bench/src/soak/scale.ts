import { setTimeout as delay } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import { growth } from '../measure.ts';

/** How often the second half of a soak is weighed. The first is where code gets compiled and caches fill. */
const WEIGHINGS = 6;
const MIN_ROUNDS = 100;
/** supabase-js keeps a timer of ten seconds, and what it holds on to, for every `disconnect()`; in an app one is there at a time. */
const LINGERING_MS = 10_500;

/** The process at rest. */
export interface Weight {
  timers: number;
  /** Objects, functions and all else that inherits from `Object`. */
  objects: number;
  heapBytes: number;
}

/** Weighs the process several times in the second half of a soak. */
export class Scale {
  readonly #half: number;
  readonly #every: number;
  /** Reserved, so that keeping a weight weighs nothing. */
  readonly #weights = { timers: new Float64Array(WEIGHINGS), objects: new Float64Array(WEIGHINGS), heapBytes: new Float64Array(WEIGHINGS) };
  #taken = 0;

  /** @param rounds of the whole soak @throws RangeError when they are too few to say anything */
  constructor(rounds: number) {
    if (!(rounds >= MIN_ROUNDS)) throw new RangeError(`a soak takes ${MIN_ROUNDS} rounds or more, not ${rounds}`);
    this.#half = Math.floor(rounds / 2);
    this.#every = Math.floor((rounds - this.#half) / (WEIGHINGS - 1));
  }

  /** To be called after every round, with its number from 1. */
  async after(round: number): Promise<void> {
    if (this.#taken === WEIGHINGS || round !== this.#half + this.#taken * this.#every) return;
    const { timers, objects, heapBytes } = await weigh();
    this.#weights.timers[this.#taken] = timers;
    this.#weights.objects[this.#taken] = objects;
    this.#weights.heapBytes[this.#taken] = heapBytes;
    this.#taken += 1;
  }

  /** All weighings of one kind. */
  all(what: keyof Weight): number[] {
    return [...this.#weights[what]];
  }

  /** What a round leaves behind, by all weighings. */
  perRound(what: keyof Weight): number {
    return growth(this.all(what)) / this.#every;
  }
}

/** Weighs the process once what lingers is gone and garbage is collected, several times, since finalisers run in between. */
export async function weigh(): Promise<Weight> {
  await delay(LINGERING_MS);
  for (let times = 0; times < 3; times += 1) {
    globalThis.gc?.();
    await new Promise(setImmediate);
  }
  return {
    timers: process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length,
    objects: queryObjects(Object, { format: 'count' }),
    heapBytes: process.memoryUsage().heapUsed,
  };
}
