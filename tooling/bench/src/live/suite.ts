import { contestOfMany, pairsOf, type Pair } from '../measure.ts';
import { costLine, rateLine, type Line } from '../report.ts';
import type { KeeperName } from './keepers.ts';
import { startKeeper, type Pace, type RunningKeeper } from './keeperQuestions.ts';
import { memory } from './memory.ts';

const ROUNDS = 5;
/** Rounds of what takes a thousand times as long, and has no goal. */
const SLOW_ROUNDS = 1;
const SIZES = [1_000, 10_000, 100_000];
const LOADED_ROWS = 10_000;

/** A thousand changes a second at sixty frames a second. */
const STEADY: Pace = { perFrame: 16, reads: false };

/** Goal G3 of the SDK: a sorted list of keyed rows, through the public API, beside the least that keeps one and beside others. */
export function live(): Promise<{ cases: Record<string, () => Promise<Line[]>>; close: () => Promise<void> }> {
  return Promise.resolve({ cases: { changes, singles, reads, growth, load, memory }, close: () => Promise.resolve() });
}

const inWords = (size: number): string => `${size.toLocaleString('en')} rows`;

/** Sixteen changes between two frames; the list is kept in order and its subscriber told. */
async function changes(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const size of SIZES) {
    const costs = await race(['liveQuery', 'channelAlone', 'mapTree', 'seedArray', 'sortedArray', 'tanstackDb'], size, ROUNDS, STEADY);
    const slow = await race(['liveQuery', 'rxDb'], size, SLOW_ROUNDS, STEADY);
    const subject = (what: string) => ({ goal: 'G3', what: `${inWords(size)}: a change, ${what}`, unit: 'µs' });
    const beside = (other: keyof typeof costs): Pair[] => pairsOf(costs, 'liveQuery', other);
    const large = size > 1_000;
    lines.push(
      costLine(subject('beyond its channel, beside Map + B-tree'), listAlone(costs, 'mapTree'), 3),
      costLine(subject('with its channel, beside Map + B-tree'), beside('mapTree'), null),
      rateLine(subject("beside the seed's array, unsorted"), beside('seedArray'), null),
      rateLine(subject("beside the seed's array, sorted"), beside('sortedArray'), large ? 10 : null),
      rateLine(subject('beside a TanStack DB live query'), beside('tanstackDb'), 15),
      rateLine(subject('beside RxDB in memory'), pairsOf(slow, 'liveQuery', 'rxDb'), null),
    );
  }
  return lines;
}

/** A frame for every change: the most that showing can cost, up to sixty changes a second. */
async function singles(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const size of SIZES) {
    const costs = await race(['liveQuery', 'channelAlone', 'mapTree', 'treeViews'], size, ROUNDS, { perFrame: 1, reads: false });
    const subject = (what: string) => ({ goal: '', what: `${inWords(size)}: a change in a frame of its own, beyond its channel, ${what}`, unit: 'µs' });
    lines.push(costLine(subject('beside Map + B-tree'), listAlone(costs, 'mapTree'), null), costLine(subject('beside the same with snapshots'), listAlone(costs, 'treeViews'), null));
  }
  return lines;
}

/** Sixteen changes between two frames, and the list read as an array at each. */
async function reads(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const size of SIZES) {
    const costs = await race(['liveQuery', 'treeViews', 'seedArray', 'tanstackDb'], size, ROUNDS, { ...STEADY, reads: true });
    const subject = (what: string) => ({ goal: '', what: `${inWords(size)}: a change, the list read at every frame, ${what}`, unit: 'µs' });
    lines.push(
      costLine(subject('beside Map + B-tree with snapshots'), pairsOf(costs, 'liveQuery', 'treeViews'), null),
      rateLine(subject("beside the seed's array, unsorted"), pairsOf(costs, 'liveQuery', 'seedArray'), null),
      rateLine(subject('beside a TanStack DB live query'), pairsOf(costs, 'liveQuery', 'tanstackDb'), null),
    );
  }
  return lines;
}

/** How the cost of a change grows with the list. */
async function growth(): Promise<Line[]> {
  const [small, large] = [await startKeeper('liveQuery', 1_000), await startKeeper('liveQuery', 100_000)];
  await Promise.all([small.load(), large.load()]);
  const costs = await contestOfMany({ ours: () => large.changes(STEADY), floor: () => small.changes(STEADY) }, { rounds: ROUNDS });
  await Promise.all([small.end(), large.end()]);
  return [costLine({ goal: 'G3', what: 'a change at 100,000 rows beside one at 1,000', unit: 'µs' }, pairsOf(costs, 'ours', 'floor'), 15)];
}

/** The first rows, from the JSON texts of a server's answers. */
async function load(): Promise<Line[]> {
  const costs = await race(['liveQuery', 'mapSort', 'tanstackDb', 'rxDb'], LOADED_ROWS, ROUNDS, 'load');
  const subject = (what: string) => ({ goal: 'G3', what: `first load of ${inWords(LOADED_ROWS)}, ${what}`, unit: 'ms' });
  return [
    costLine(subject('beside Map + sort'), pairsOf(costs, 'liveQuery', 'mapSort'), 3),
    rateLine(subject('beside TanStack DB'), pairsOf(costs, 'liveQuery', 'tanstackDb'), null),
    rateLine(subject('beside RxDB in memory'), pairsOf(costs, 'liveQuery', 'rxDb'), null),
  ];
}

/** What the list itself costs: without what its channel does for any subscriber, which is G1's matter. */
function listAlone<Floor extends string>(costs: Readonly<Record<Floor | 'liveQuery' | 'channelAlone', readonly number[]>>, floor: Floor): Pair[] {
  return pairsOf(costs, 'liveQuery', floor).map(({ ours, floor: least }, round) => ({ ours: ours - (costs.channelAlone[round] ?? Number.NaN), floor: least }));
}

/** Has the sides take changes in turn, or load all rows, each in its process with `size` rows. Gives µs a change, or ms. */
async function race<Name extends KeeperName>(names: readonly Name[], size: number, rounds: number, work: Pace | 'load'): Promise<Record<Name, number[]>> {
  const keepers: [Name, RunningKeeper][] = [];
  for (const name of names) keepers.push([name, await startKeeper(name, size)]);
  for (const [, keeper] of keepers) await keeper.load();
  const measure = async (keeper: RunningKeeper): Promise<number> => (work === 'load' ? (await keeper.load()) / 1_000 : keeper.changes(work));
  const costs = await contestOfMany(Object.fromEntries(keepers.map(([name, keeper]) => [name, () => measure(keeper)])) as Record<Name, () => Promise<number>>, { rounds }); // every name has its keeper
  for (const [, keeper] of keepers) await keeper.end();
  return costs;
}
