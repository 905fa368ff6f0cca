import type { ChallengeRow } from '../../core/rows.ts';
import { compareRows } from '../history.ts';
import type { Keeper } from '../keeper.ts';

/**
 * State as hooks over plain supabase-js keep it: a new array for every change, by prepending, `map` or `filter`.
 *
 * @param sorts - whether the array is sorted after every change, so that the order holds whatever arrives.
 */
export function seedArray(sorts: boolean): Promise<Keeper> {
  let list: readonly ChallengeRow[] = [];
  return Promise.resolve({
    load(pages) {
      list = pages.flatMap((page) => JSON.parse(page) as ChallengeRow[]).sort(compareRows);
      return Promise.resolve();
    },
    arrival: ({ type, id, row }) => () => {
      const next = type === 'INSERT' ? [row, ...list] : type === 'UPDATE' ? list.map((each) => (each.id === id ? row : each)) : list.filter((each) => each.id !== id);
      list = sorts ? next.sort(compareRows) : next;
    },
    frame: () => undefined,
    rows: () => list,
    unload() {
      list = [];
    },
  });
}
