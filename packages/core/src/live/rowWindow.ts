import { rowComparator, type RowOrder } from './compare.ts';
import { createSortedList, type ListView } from './sortedList.ts';

/** A row of any table. */
export type AnyRow = Readonly<Record<string, unknown>>;

/** How many rows beyond the limit are kept, so that a deletion need not read the next one. */
const SPARE_ROWS = 50;

/**
 * The first rows of a query by key and in order. It knows every row of the table up to its end, and none beyond it:
 * rows past the end are not kept, because others that were never seen may come before them.
 */
export interface RowWindow {
  /** How many rows to show. */
  limit: number;
  /** How many rows are kept; some more than are shown. */
  readonly size: number;
  /** Whether the table may have rows beyond the end. */
  readonly cut: boolean;
  get(key: string): AnyRow | undefined;
  keys(): Iterable<string>;
  /** The row after which rows were never seen; null when the table has no more. */
  end(): AnyRow | null;
  /** Whether a row with these columns of the order is not beyond the end. */
  reaches(row: AnyRow): boolean;
  /** Says up to where the rows are known: a row with the columns of the order, or null for all. Drops what is beyond. */
  setEnd(row: AnyRow | null): void;
  /** Adds a row, or puts it in the place of `known`, the one held by its key, unless it is beyond the end; says whether it is kept. */
  put(key: string, row: AnyRow, known: AnyRow | undefined): boolean;
  /** Forgets a row, and gives it. */
  remove(key: string): AnyRow | undefined;
  /** How many rows that may exist are missing to the limit. */
  missing(): number;
  /** The first rows, as many as the limit or more; the same view until one of them changed. */
  view(count?: number): ListView<AnyRow>;
  /** Puts many rows into an empty window at once; `end` as for {@link setEnd}, left out as before. */
  fill(rows: readonly (readonly [string, AnyRow])[], end?: AnyRow | null): void;
}

/** Makes an empty window of `limit` rows, with no end. */
export function createRowWindow(order: RowOrder, keyOf: (row: AnyRow) => string, limit: number): RowWindow {
  const compare = rowComparator(order);
  const list = createSortedList(compare);
  const byKey = new Map<string, AnyRow>();
  let end: AnyRow | null = null;
  let shown: ListView<AnyRow> | null = null;
  let shownCount = limit;
  /** The last row that is shown, when as many are as there may be. */
  let lastShown: AnyRow | undefined;

  /** A row changed: what is shown is different, unless it is behind that. */
  const changed = (row: AnyRow): void => {
    if (lastShown === undefined || compare(row, lastShown) <= 0) shown = null;
  };
  const reaches = (row: AnyRow): boolean => end === null || compare(row, end) <= 0;
  const remove = (key: string): AnyRow | undefined => {
    const row = byKey.get(key);
    if (row === undefined) return undefined;
    byKey.delete(key);
    list.remove(row);
    changed(row);
    return row;
  };
  /** Drops the last row, and what was after it becomes unknown. */
  const dropLast = (): void => {
    const last = list.last();
    if (last === undefined) return;
    remove(keyOf(last));
    end = list.last() ?? null;
  };

  return {
    get limit() {
      return limit;
    },
    set limit(next) {
      limit = next;
      shown = null;
    },
    get size() {
      return byKey.size;
    },
    get cut() {
      return end !== null;
    },
    get: (key) => byKey.get(key),
    keys: () => byKey.keys(),
    end: () => end,
    reaches,
    setEnd(row) {
      end = row;
      if (row === null) return;
      for (let last = list.last(); last !== undefined && compare(last, row) > 0; last = list.last()) remove(keyOf(last));
    },
    put(key, row, known) {
      if (!reaches(row)) {
        remove(key);
        return false;
      }
      changed(row);
      byKey.set(key, row);
      if (known !== undefined) {
        if (compare(known, row) === 0) {
          list.replace(row);
          return true;
        }
        changed(known);
        list.remove(known);
      }
      list.add(row);
      if (list.size <= limit + Math.min(limit, SPARE_ROWS)) return true;
      dropLast();
      return byKey.has(key);
    },
    remove,
    missing: () => (end === null ? 0 : Math.max(0, limit - byKey.size)),
    view(count = limit) {
      if (shown !== null && shownCount === count) return shown;
      shownCount = count;
      lastShown = list.size >= count ? list.at(count - 1) : undefined;
      return (shown = list.view(count));
    },
    fill(rows, last = end) {
      end = last;
      if (rows.length === 0) return;
      for (const [key, row] of rows) byKey.set(key, row);
      list.fill([...byKey.values()].sort(compare));
      shown = null;
    },
  };
}
