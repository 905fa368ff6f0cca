import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Chance from a seed. */
export interface Random {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** One of them; they must not be empty. */
  oneOf<T>(items: readonly T[]): T;
}

/** The same numbers for the same seed. */
export function createRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const between = (low: number, high: number): number => uniformInt(generator, low, high);
  return {
    between,
    oneOf: <T>(items: readonly T[]) => items[between(0, items.length - 1)] as T, // within the list, which is not empty
  };
}
