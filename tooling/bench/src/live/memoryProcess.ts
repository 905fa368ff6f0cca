// The heap that rows take, in a fresh process: kept by a live query while they change, or in an array, as they end up.
import type { ChallengeRow } from '../core/rows.ts';
import { createHistory, type RowChange } from './history.ts';
import { liveQuery } from './keepers/liveQuery.ts';

const [, , side] = process.argv;
const ROWS = 100_000;
const CHANGES = 100_000;
const PAGE_ROWS = 1_000;
const FRAME_CHANGES = 16;

const keeper = await liveQuery();
const history = createHistory(ROWS);
if (side === 'rows') history.next(CHANGES);
const pages = pagesOf(history.rows());
const before = heap();
const rows = side === 'rows' ? pages.flatMap((page) => JSON.parse(page) as ChallengeRow[]) : await change();
const bytes = heap() - before;
if (Math.abs(rows.length - ROWS) > 1) throw new Error(`${rows.length} rows`);
process.send?.(bytes);
process.disconnect();
process.exit();

async function change(): Promise<readonly ChallengeRow[]> {
  await keeper.load(pages);
  for (let done = 0; done < CHANGES; done += FRAME_CHANGES) {
    // Through JSON, as from a server: nothing is shared with the history.
    for (const each of history.next(FRAME_CHANGES)) void keeper.arrival(JSON.parse(JSON.stringify(each)) as RowChange)();
    keeper.frame();
  }
  return keeper.rows() ?? [];
}

function pagesOf(all: readonly ChallengeRow[]): string[] {
  const pages: string[] = [];
  for (let at = 0; at < all.length; at += PAGE_ROWS) pages.push(JSON.stringify(all.slice(at, at + PAGE_ROWS)));
  return pages;
}

function heap(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
