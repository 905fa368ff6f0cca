/** A source of randomness that can be repeated. */
export interface Random {
  /** An integer from 0 up to `limit`, which it is not. */
  below(limit: number): number;
}

/** Numbers from a seed, by xorshift32. */
export function randomFrom(seed: number): Random {
  let state = seed | 0 || 1;
  return {
    below(limit) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % limit;
    },
  };
}
