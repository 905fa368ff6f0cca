import type { Change } from '../channel/types.ts';
import { compareValues } from './compare.ts';

type AnyRow = Readonly<Record<string, unknown>>;

/** How many rows that are not shown are remembered by their last commit; late changes come within seconds. */
const KEPT_COMMITS = 1_000;

/** How rows are told apart, ordered and limited. */
export interface MergeOptions {
  /** Primary key of a row as text. */
  keyOf: (row: AnyRow) => string;
  orderBy: string;
  ascending: boolean;
  limit: number;
  /** Column that grows with every update of a row, if there is one. */
  version?: string | undefined;
  /** Columns whose texts are numbers. */
  exact?: readonly string[] | undefined;
}

/** Rows merged from a snapshot and the changes around it. Made by {@link createMerge}. */
export interface Merge {
  /** In order, at most the limit; the same array until something changed. */
  rows(): readonly AnyRow[];
  /** Applies a change; says whether the rows are different now. */
  apply(change: Change<unknown>): boolean;
  /**
   * Replaces the rows by a snapshot, and applies the changes that arrived while it was read.
   *
   * @param cut - whether the table may have rows after those of the snapshot. @defaultValue `false`
   */
  replace(snapshot: readonly AnyRow[], since: readonly Change<unknown>[], cut?: boolean): void;
  /** Whether a row of the table that was never seen may belong where another one has made room. Only a snapshot cures it. */
  incomplete(): boolean;
}

/**
 * Merges by key. A change is old, and ignored, if a later commit of its row was applied already, or if the row it brings
 * has a lower version than the one known; so duplicates and late changes do no harm. Ties go by arrival.
 */
export function createMerge({ keyOf, orderBy, ascending, limit, version, exact = [] }: MergeOptions): Merge {
  let rows: readonly AnyRow[] = [];
  let byKey = new Map<string, AnyRow>();
  /** Commit time of the last change applied, by key; for deleted rows too, so that a late UPDATE does not revive them. */
  let commits = new Map<string, string>();
  /** Whether the table may have rows after the last one shown. */
  let more = false;
  let incomplete = false;

  const compare = (a: AnyRow, b: AnyRow): number => {
    const order = compareValues(a[orderBy], b[orderBy], exact.includes(orderBy));
    // Nulls stay last either way, as the snapshot asks for.
    const directed = ascending || a[orderBy] == null || b[orderBy] == null ? order : -order;
    return directed !== 0 ? directed : compareValues(keyOf(a), keyOf(b));
  };
  /** Where a row is, or belongs. */
  const position = (list: readonly AnyRow[], row: AnyRow): number => {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = list[middle];
      if (at !== undefined && compare(at, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const remove = (key: string): boolean => {
    const known = byKey.get(key);
    if (known === undefined) return false;
    byKey.delete(key);
    const at = position(rows, known);
    rows = [...rows.slice(0, at), ...rows.slice(at + 1)];
    return true;
  };
  const put = (key: string, row: AnyRow): boolean => {
    const last = rows.at(-1);
    const had = remove(key);
    // Behind what was the last one, rows that were never seen may come before it.
    if (had && more && last !== undefined && compare(row, last) > 0) incomplete = true;
    const at = position(rows, row);
    if (at >= limit) {
      more = true;
      return had;
    }
    rows = [...rows.slice(0, at), row, ...rows.slice(at)];
    byKey.set(key, row);
    const pushedOut = rows.length > limit ? rows.at(-1) : undefined;
    if (pushedOut !== undefined) {
      remove(keyOf(pushedOut));
      more = true;
    }
    return true;
  };
  const noteCommit = (key: string, timestamp: string): void => {
    commits.delete(key); // so that the latest come last
    commits.set(key, timestamp);
    if (commits.size <= limit + 2 * KEPT_COMMITS) return;
    for (const known of commits.keys()) {
      if (commits.size <= limit + KEPT_COMMITS) return;
      if (!byKey.has(known)) commits.delete(known);
    }
  };
  const isOld = (change: Change<unknown>): boolean => {
    const last = commits.get(change.key);
    if (last !== undefined && change.commitTimestamp !== null && change.commitTimestamp < last) return true;
    if (version === undefined || change.type === 'DELETE') return false;
    const known = byKey.get(change.key);
    return known !== undefined && compareValues((change.row as AnyRow)[version], known[version], exact.includes(version)) < 0; // rows are objects by their schema
  };
  const apply = (change: Change<unknown>): boolean => {
    if (isOld(change)) return false;
    if (change.commitTimestamp !== null) noteCommit(change.key, change.commitTimestamp);
    if (change.type !== 'DELETE') return put(change.key, change.row as AnyRow); // as above
    const removed = remove(change.key);
    if (removed && more) incomplete = true;
    return removed;
  };

  return {
    rows: () => rows,
    apply,
    incomplete: () => incomplete,
    replace(snapshot, since, cut = false) {
      const before = rows;
      const unchanged = byKey;
      rows = [];
      byKey = new Map();
      // What was applied before the snapshot is in it; what came since is applied again.
      commits = new Map();
      more = cut;
      incomplete = false;
      for (const row of snapshot) {
        const key = keyOf(row);
        const known = unchanged.get(key);
        put(key, known !== undefined && sameContent(known, row) ? known : row);
      }
      for (const change of since) apply(change);
      if (rows.length === before.length && rows.every((row, at) => row === before[at])) rows = before;
    },
  };
}

function sameContent(a: AnyRow, b: AnyRow): boolean {
  return JSON.stringify(a, bigintAsText) === JSON.stringify(b, bigintAsText);
}

/** A row schema may make a bigint of a text. */
function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${String(value)}n` : value;
}
