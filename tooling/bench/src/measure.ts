import { setTimeout as delay } from 'node:timers/promises';

/** The same work done by us and by the floor, in one round. */
export interface Pair {
  ours: number;
  floor: number;
}

/** How a contest is held. */
interface Rounds {
  /** Rounds that count. */
  rounds: number;
  /** Rounds before them, that warm up. @defaultValue `1` */
  warmUp?: number;
  /**
   * Whether garbage is collected before every turn. V8 then drops optimised code whose objects' shapes died with the
   * last of them: a turn of many small steps is not warm again after hundreds of them. @defaultValue `true`
   */
  collects?: boolean;
}

/** Two ways to do one thing; each call does it once and returns its cost, lower being better. */
export interface Contest extends Rounds {
  ours: () => Promise<number>;
  floor: () => Promise<number>;
}

/**
 * Runs both sides in turn, who begins changing from round to round, so that whatever else the machine does hits both.
 * @returns one pair of costs per round
 */
export async function contest({ ours, floor, ...how }: Contest): Promise<Pair[]> {
  return pairsOf(await contestOfMany({ ours, floor }, how), 'ours', 'floor');
}

/**
 * {@link contest} of any number of sides.
 * @returns the costs of each side, one per round
 */
export async function contestOfMany<Side extends string, Cost = number>(sides: Readonly<Record<Side, () => Promise<Cost>>>, { rounds, warmUp = 1, collects = true }: Rounds): Promise<Record<Side, Cost[]>> {
  const names = Object.keys(sides) as Side[];
  const costs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Side, Cost[]>; // every side has its list
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      await settle(collects);
      const cost = await sides[name]();
      if (round >= warmUp) costs[name].push(cost);
    }
  }
  return costs;
}

/** Two sides of a contest, by round. */
export function pairsOf<Side extends string>(costs: Readonly<Record<Side, readonly number[]>>, ours: Side, floor: Side): Pair[] {
  return costs[ours].map((cost, round) => ({ ours: cost, floor: costs[floor][round] ?? Number.NaN }));
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

/** Stragglers of the side before, and its garbage, are not paid for by the next. */
async function settle(collects: boolean): Promise<void> {
  await delay(5);
  if (collects) globalThis.gc?.();
}
