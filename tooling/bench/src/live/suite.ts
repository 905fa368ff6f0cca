import { contestOfMany, pairsOf, type Pair } from '../measure.ts';
import { costLine, rateLine, type Line } from '../report.ts';
import type { KeeperName } from './keepers.ts';
import { startKeeper, type RunningKeeper } from './keeperQuestions.ts';
import { memory } from './memory.ts';

const ROUNDS = 5;
/** Rounds of what takes a thousand times as long, and has no goal. */
const SLOW_ROUNDS = 1;
const SIZES = [1_000, 10_000, 100_000];
const LOADED_ROWS = 10_000;

/** Goal G3 of the SDK: a sorted list of keyed rows, through the public API, beside the least that keeps one and beside others. */
export function live(): Promise<{ cases: Record<string, () => Promise<Line[]>>; close: () => Promise<void> }> {
  return Promise.resolve({ cases: { changes, framed, growth, load, memory }, close: () => Promise.resolve() });
}

const inWords = (size: number): string => `${size.toLocaleString('en')} rows`;

/** Every change shown by itself. */
async function changes(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const size of SIZES) {
    const costs = await race(['liveQuery', 'channelAlone', 'mapTree', 'treeViews', 'seedArray', 'sortedArray', 'tanstackDb'], size, ROUNDS, (keeper) => keeper.changes(false));
    const slow = await race(['liveQuery', 'rxDb'], size, SLOW_ROUNDS, (keeper) => keeper.changes(false));
    const subject = (what: string) => ({ goal: 'G3', what: `${inWords(size)}: a change, ${what}`, unit: 'µs' });
    const beside = (other: keyof typeof costs): Pair[] => pairsOf(costs, 'liveQuery', other);
    const alone = (other: keyof typeof costs): Pair[] => beside(other).map(({ ours, floor }, round) => ({ ours: ours - (costs.channelAlone[round] ?? Number.NaN), floor }));
    const large = size > 1_000;
    lines.push(
      costLine(subject('beyond its channel, beside Map + B-tree'), alone('mapTree'), 3),
      costLine(subject('with its channel, beside Map + B-tree'), beside('mapTree'), null),
      costLine(subject('beyond its channel, beside Map + B-tree with views'), alone('treeViews'), null),
      rateLine(subject("beside the seed's array"), beside('seedArray'), null),
      rateLine(subject("beside the seed's array, sorted"), beside('sortedArray'), large ? 10 : null),
      rateLine(subject('beside a TanStack DB live query'), beside('tanstackDb'), 15),
      rateLine(subject('beside RxDB in memory'), pairsOf(slow, 'liveQuery', 'rxDb'), null),
    );
  }
  return lines;
}

/** Sixteen changes between two frames, and the list read as an array at each. */
async function framed(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const size of SIZES) {
    const costs = await race(['liveQuery', 'mapTree', 'treeViews', 'seedArray', 'tanstackDb'], size, ROUNDS, (keeper) => keeper.changes(true));
    const subject = (what: string) => ({ goal: 'G3', what: `${inWords(size)}: a change of 16 in a frame, list read, ${what}`, unit: 'µs' });
    lines.push(
      costLine(subject('beside Map + B-tree'), pairsOf(costs, 'liveQuery', 'mapTree'), null),
      costLine(subject('beside Map + B-tree with views'), pairsOf(costs, 'liveQuery', 'treeViews'), null),
      rateLine(subject("beside the seed's array"), pairsOf(costs, 'liveQuery', 'seedArray'), null),
      rateLine(subject('beside a TanStack DB live query'), pairsOf(costs, 'liveQuery', 'tanstackDb'), null),
    );
  }
  return lines;
}

/** How the cost of a change grows with the list. */
async function growth(): Promise<Line[]> {
  const [small, large] = [await startKeeper('liveQuery', 1_000), await startKeeper('liveQuery', 100_000)];
  await Promise.all([small.load(), large.load()]);
  const costs = await contestOfMany({ ours: () => large.changes(false), floor: () => small.changes(false) }, { rounds: ROUNDS });
  await Promise.all([small.end(), large.end()]);
  return [costLine({ goal: 'G3', what: 'a change at 100,000 rows beside one at 1,000', unit: 'µs' }, pairsOf(costs, 'ours', 'floor'), 15)];
}

/** The first rows, from the JSON texts of a server's answers. */
async function load(): Promise<Line[]> {
  const costs = await race(['liveQuery', 'mapSort', 'tanstackDb', 'rxDb'], LOADED_ROWS, ROUNDS, async (keeper) => (await keeper.load()) / 1_000);
  const subject = (what: string) => ({ goal: 'G3', what: `first load of ${inWords(LOADED_ROWS)}, ${what}`, unit: 'ms' });
  return [
    costLine(subject('beside Map + sort'), pairsOf(costs, 'liveQuery', 'mapSort'), 3),
    rateLine(subject('beside TanStack DB'), pairsOf(costs, 'liveQuery', 'tanstackDb'), null),
    rateLine(subject('beside RxDB in memory'), pairsOf(costs, 'liveQuery', 'rxDb'), null),
  ];
}

/** Runs the sides in turn, each in its process with `size` rows. */
async function race<Name extends KeeperName>(names: readonly Name[], size: number, rounds: number, measure: (keeper: RunningKeeper) => Promise<number>): Promise<Record<Name, number[]>> {
  const keepers: [Name, RunningKeeper][] = [];
  for (const name of names) keepers.push([name, await startKeeper(name, size)]);
  for (const [, keeper] of keepers) await keeper.load();
  const costs = await contestOfMany(Object.fromEntries(keepers.map(([name, keeper]) => [name, () => measure(keeper)])) as Record<Name, () => Promise<number>>, { rounds }); // every name has its keeper
  for (const [, keeper] of keepers) await keeper.end();
  return costs;
}
