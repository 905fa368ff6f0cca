const { SEED: seed, SEED_PATH: path = '' } = process.env;

/** Parameters of a property: to stop at a failure, or to play the run again that it told the seed and path of, and look for the shortest like it. */
export const replay = seed === undefined ? { endOnFailure: true } : { seed: Number(seed), path };
