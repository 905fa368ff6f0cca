import type { ChallengeRow } from '../../core/rows.ts';
import { compareRows } from '../history.ts';
import type { Keeper } from '../keeper.ts';

/** The floor of a first load: a map by key, and its rows sorted once. */
export function mapSort(): Promise<Keeper> {
  const byKey = new Map<string, ChallengeRow>();
  let list: ChallengeRow[] = [];
  return Promise.resolve({
    load(pages) {
      for (const row of pages.flatMap((page) => JSON.parse(page) as ChallengeRow[])) byKey.set(row.id, row);
      list = [...byKey.values()].sort(compareRows);
      return Promise.resolve();
    },
    arrival() {
      throw new Error('a sorted array is loaded only');
    },
    frame: () => undefined,
    rows: () => list,
    unload() {
      byKey.clear();
      list = [];
    },
  });
}
