import { setTimeout as delay } from 'node:timers/promises';

/** The same work done by us and by the floor, in one round. */
export interface Pair {
  ours: number;
  floor: number;
}

/** Two ways to do one thing; each call does it once and returns its cost, lower being better. */
export interface Contest {
  ours: () => Promise<number>;
  floor: () => Promise<number>;
  /** Rounds that count; one more before them warms up. */
  rounds: number;
}

/**
 * Runs both sides in turn, who begins changing from round to round, so that whatever else the machine does hits both.
 * @returns one pair of costs per round
 */
export async function contest({ ours, floor, rounds }: Contest): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const pair = { ours: 0, floor: 0 };
    const sides = [
      async () => (pair.ours = await ours()),
      async () => (pair.floor = await floor()),
    ];
    for (const side of round % 2 === 0 ? sides : sides.reverse()) {
      await settle();
      await side();
    }
    if (round > 0) pairs.push(pair);
  }
  return pairs;
}

/**
 * CPU time of this process while `body` does `units` of work, in microseconds each. What loads the server is another
 * process, whose time does not count.
 */
export async function cpuOf(body: () => Promise<unknown>, units: number): Promise<number> {
  const before = process.cpuUsage();
  await body();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / units;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Growth from one value to the next: the median slope between all pairs (Theil–Sen), which a value out of line does not bend. */
export function growth(values: readonly number[]): number {
  return median(values.flatMap((value, at) => values.slice(at + 1).map((later, ahead) => (later - value) / (ahead + 1))));
}

/** The value below which this share (0 … 1) of the values lies, between two neighbours where it falls between them. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Garbage and stragglers of the side before are not paid for by the next. */
async function settle(): Promise<void> {
  await delay(5);
  globalThis.gc?.();
}
