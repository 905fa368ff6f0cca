import type { Change } from '../channel/types.ts';
import { sameRow, wireOf } from '../channel/wireRow.ts';
import { compareValues, type RowOrder } from './compare.ts';
import type { RowsInOrder } from './repairSource.ts';
import { createRowWindow, type AnyRow, type RowWindow } from './rowWindow.ts';
import type { Matches } from './where.ts';

/** How many rows that are not held are remembered by their last commit; late changes come within seconds. */
const KEPT_COMMITS = 1_000;

/** How rows are told apart, ordered and limited. */
export interface MergeOptions {
  schema: string;
  table: string;
  /** Primary key of a row as text. */
  keyOf: (row: AnyRow) => string;
  order: RowOrder;
  limit: number;
  /** Column that grows with every update of a row, if there is one. */
  version?: string | undefined;
  /** Whether a row is one of the query's. */
  matches?: Matches;
}

/** How a repair found the rows to be, validated and by key. */
interface FoundRows {
  readonly put: readonly (readonly [key: string, row: AnyRow])[];
  /** Those that are there and fail their schema, as they were read. */
  readonly refused?: readonly (readonly [key: string, row: AnyRow])[];
  readonly gone: readonly string[];
  readonly end?: AnyRow | null;
  readonly inOrder?: RowsInOrder;
}

/** Rows merged from repairs and the changes around them. Made by {@link createMerge}. */
export interface Merge {
  readonly window: RowWindow;
  /**
   * Applies a change of the stream. Gives what it did to the rows held; null when nothing, `'unsure'` when nothing is done since
   * only the database can tell whether the row is one of the query's.
   */
  apply(change: Change<unknown>): Change<AnyRow> | 'unsure' | null;
  /** Puts in a row as the server answered a write with it, null for one that was deleted; reads under way are older. Gives what it did. */
  adopt(key: string, row: AnyRow | null): Change<AnyRow> | null;
  /** Begins to note what the stream says of rows, until {@link unwatch} or the next call. */
  watch(): Touched;
  unwatch(watched: Touched): void;
  /**
   * Puts in what a read found, except for rows that the stream changed since {@link watch}; `note` is told what changed.
   * Gives the keys of those whose change may be older than the read: one that was lost may have followed it.
   */
  repair(found: FoundRows, note: (change: Change<AnyRow>) => void): readonly string[];
  /** Forgets when rows were last committed: a new subscription brings nothing from before. */
  forgetCommits(): void;
}

/** What the stream said last of rows since a read began: the row, or null when it is none of the query's. */
export type Touched = ReadonlyMap<string, AnyRow | null>;

interface Mark {
  commit: string | null;
  /** Whether the row, or its absence, is as the stream told last; else as it was read. */
  streamed: boolean;
}

/**
 * Merges by key. A change is old, and ignored, if a later commit of its row was applied already, or if the row was read
 * with a higher version than the change brings; so duplicates and late changes do no harm. Ties go by arrival. Versions
 * of two changes are not compared: commits order them, also when a version column lags (`now()` is when a transaction began).
 */
export function createMerge({ schema, table, keyOf, order, limit, version, matches = () => true }: MergeOptions): Merge {
  const window = createRowWindow(order, keyOf, limit);
  const isDecimal = version !== undefined && order.exact?.includes(version) === true;
  const versionOf = (row: AnyRow): unknown => (version === undefined ? undefined : wireOf(row)[version]);
  const compareVersions = (a: AnyRow, b: AnyRow): number => compareValues(versionOf(a), versionOf(b), isDecimal);
  const marks = new Map<string, Mark>();
  let touched: Map<string, AnyRow | null> | null = null;

  const mark = (key: string, commit: string | null, known: Mark | undefined, stays: boolean): void => {
    if (known !== undefined && stays) {
      known.commit = commit ?? known.commit;
      known.streamed = true;
      return;
    }
    marks.delete(key); // so that the latest of those that are not held come last
    marks.set(key, { commit: commit ?? known?.commit ?? null, streamed: true });
    if (marks.size <= window.size + 2 * KEPT_COMMITS) return;
    for (const marked of marks.keys()) {
      if (marks.size <= window.size + KEPT_COMMITS) return;
      if (window.get(marked) === undefined) marks.delete(marked);
    }
  };
  const isOld = (change: Change<unknown>, marked: Mark | undefined, known: AnyRow | undefined): boolean => {
    if (marked?.commit != null && change.commitTimestamp !== null && change.commitTimestamp < marked.commit) return true;
    if (version === undefined || change.type === 'DELETE' || marked?.streamed === true) return false;
    return known !== undefined && compareVersions(change.row as AnyRow, known) < 0; // rows are objects by their schema
  };
  const put = (key: string, row: AnyRow, commitTimestamp: string | null, known = window.get(key)): Change<AnyRow> | null => {
    if (known !== undefined && versionOf(known) === versionOf(row) && sameRow(known, row)) return null;
    const isKept = window.put(key, row);
    if (known !== undefined) return { schema, table, key, commitTimestamp, type: 'UPDATE', row, old: known };
    return isKept ? { schema, table, key, commitTimestamp, type: 'INSERT', row } : null;
  };
  const remove = (key: string, commitTimestamp: string | null): Change<AnyRow> | null => {
    const old = window.remove(key);
    return old === undefined ? null : { schema, table, key, commitTimestamp, type: 'DELETE', old };
  };
  const refuse = (key: string, row: AnyRow): Change<AnyRow> | null => {
    const known = window.placed(key);
    if (known !== undefined && window.get(key) === undefined && sameRow(known, row)) return null;
    const old = window.refuse(key, row);
    return old === undefined ? null : { schema, table, key, commitTimestamp: null, type: 'DELETE', old };
  };
  /**
   * Whether what was read of a row is newer than what the stream told meanwhile; null when it cannot be known. The row that
   * was told need not be held: it may be beyond the end.
   */
  const isNewer = (row: AnyRow, told: AnyRow | null): boolean | null => {
    if (told === null) return null;
    if (version === undefined) return sameRow(told, row) ? false : null;
    return compareVersions(row, told) > 0;
  };

  return {
    window,
    apply(change) {
      const { key, commitTimestamp } = change;
      const marked = marks.get(key);
      const known = window.get(key);
      if (isOld(change, marked, known)) return null;
      const isOne = change.type !== 'DELETE' && matches(change.row as AnyRow, known); // as above
      const row = isOne === true ? (change.row as AnyRow) : null; // as above
      mark(key, commitTimestamp, marked, row !== null && known !== undefined);
      if (isOne === null) return 'unsure';
      touched?.set(key, row);
      return row === null ? remove(key, commitTimestamp) : put(key, row, commitTimestamp, known);
    },
    adopt(key, row) {
      touched?.set(key, row);
      const marked = marks.get(key);
      if (marked !== undefined) marked.streamed = false;
      return row === null ? remove(key, null) : put(key, row, null);
    },
    watch: () => (touched = new Map()),
    unwatch(watched) {
      if (touched === watched) touched = null;
    },
    repair({ put: found, refused = [], gone, end, inOrder }, note) {
      if (inOrder !== undefined) window.learn(inOrder);
      const streamed: Touched = touched ?? new Map();
      if (window.size === 0 && streamed.size === 0 && end !== undefined) {
        window.fill(found, end);
        for (const [key, row] of found) note({ schema, table, key, commitTimestamp: null, type: 'INSERT', row });
        for (const [key, row] of refused) refuse(key, row);
        return [];
      }
      const unsure: string[] = [];
      const noteAny = (change: Change<AnyRow> | null): void => {
        if (change !== null) note(change);
      };
      for (const key of gone) {
        if (!streamed.has(key)) noteAny(remove(key, null));
        else if (window.get(key) !== undefined) unsure.push(key);
      }
      if (end !== undefined) window.setEnd(end);
      // What the stream brought from beyond the end as it was.
      for (const [key, row] of streamed) if (row !== null && window.get(key) === undefined) noteAny(put(key, row, null));
      for (const [key, row] of refused) {
        if (!streamed.has(key)) noteAny(refuse(key, row));
        else if (window.get(key) !== undefined) unsure.push(key);
      }
      for (const [key, row] of found) {
        const told = streamed.get(key);
        const newer = told === undefined || isNewer(row, told);
        if (newer === null) unsure.push(key);
        if (newer !== true) continue;
        noteAny(put(key, row, null));
        const marked = marks.get(key);
        if (marked !== undefined) marked.streamed = false;
      }
      return unsure;
    },
    forgetCommits() {
      marks.clear();
    },
  };
}
