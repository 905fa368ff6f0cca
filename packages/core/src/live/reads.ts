import { wireOf } from '../channel/wireRow.ts';
import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import type { Touched } from './mergeChanges.ts';
import type { RepairWork } from './repairLoop.ts';
import type { Held, Repair, RepairScope, RepairSource } from './repairSource.ts';
import type { RowWindow } from './rowWindow.ts';
import type { TableSource } from './tableSource.ts';
import { notUsed } from './usedReader.ts';

/** How long a sweep waits for what may be on its way, in ms: the server passes changes on up to 0.6 s after their commit. */
const STREAM_PATIENCE_MS = 1_000;
/** More rows than this are not read again by key, but with all others. */
const MAX_SINGLE_ROWS = 100;

const NOTHING: Repair = { put: [], gone: [] };

/** What a {@link createReads} is made of. */
export interface ReadsOptions {
  window: RowWindow;
  version: string | undefined;
  /** What single rows are read from, and those after the end. */
  table: TableSource;
  /** What all rows are compared with. */
  source: RepairSource;
  clock: Clock;
}

/** Does the reads of a query that its loop asks for; rejects as its sources do, and when `signal` aborts while it waits for the stream. */
export type Reads = (work: RepairWork, touched: Touched, signal: AbortSignal) => Promise<Repair>;

/** The reads of one query. */
export function createReads({ window, version, table, source, clock }: ReadsOptions): Reads {
  const held = (touched: Touched): Held => ({
    get wanted() {
      return Math.max(window.limit, window.size);
    },
    get size() {
      return window.size;
    },
    get cut() {
      return window.cut;
    },
    end: () => window.end(),
    keys: () => window.keys(),
    reaches: (row) => window.reaches(row),
    isSure: (rows) => window.isSure(rows),
    get: (key) => window.placed(key),
    versionOf(key) {
      const row = window.placed(key);
      return version === undefined || row === undefined ? undefined : wireOf(row)[version];
    },
    touched: (key) => touched.has(key),
  });
  const readAfterEnd = async (): Promise<Repair> => {
    const [end, count] = [window.end(), window.missing()];
    const found = count === 0 ? NOTHING : await table.readOn(end, count);
    // Where the stream moved the end meanwhile, rows between the two would never be seen.
    return window.end() === end ? found : NOTHING;
  };
  const streamPatience = async (signal: AbortSignal): Promise<void> => {
    await pause(clock, STREAM_PATIENCE_MS, signal);
    if (signal.aborted) throw notUsed();
  };

  return (work, touched, signal) => {
    const { repair, rows, readOn } = work;
    const scope = scopeOf(work);
    if (scope === null) return rows.size === 0 && readOn ? readAfterEnd() : table.readRows([...rows]);
    return source.repair(held(touched), { scope, patience: repair === 'glance' || repair === 'sweep' ? () => streamPatience(signal) : null });
  };
}

/** How much is to be compared; null when only single rows, or those after the end, are read. */
export function scopeOf({ repair, rows, readOn }: RepairWork): RepairScope | null {
  if (repair === null) return rows.size > MAX_SINGLE_ROWS ? 'whole' : null;
  if (repair === 'whole') return 'whole';
  return repair === 'glance' && rows.size === 0 && !readOn ? 'recent' : 'all';
}
