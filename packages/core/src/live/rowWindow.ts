import type { RowOrder } from './compare.ts';
import type { RowsInOrder } from './repairSource.ts';
import { createSortedList, type ListView } from './sortedList.ts';
import { createTaughtOrder } from './taughtOrder.ts';

/** A row of any table. */
export type AnyRow = Readonly<Record<string, unknown>>;

/** How many rows beyond the limit are kept, so that a deletion need not read the next one. */
const SPARE_ROWS = 50;
/** How many texts beside those of rows that are held may be remembered for their place in the order. */
const SPARE_TEXTS = 1_000;

/**
 * The first rows of a query by key and in order. It knows every row of the table up to its end, and none beyond it:
 * rows past the end are not kept, because others that were never seen may come before them. Rows that were refused, since
 * they fail their schema, have their places too, but are not shown: a table full of them would be read to its end for others.
 */
export interface RowWindow {
  /** How many rows to show, the refused ones among them included. */
  limit: number;
  /** How many rows are kept, refused ones too; some more than are shown. */
  readonly size: number;
  /** Whether the table may have rows beyond the end. */
  readonly cut: boolean;
  /** A row that was not refused. */
  get(key: string): AnyRow | undefined;
  /** A row, refused or not. */
  placed(key: string): AnyRow | undefined;
  /** Keys of all rows that are kept. */
  keys(): Iterable<string>;
  /** The row after which rows were never seen; null when the table has no more. */
  end(): AnyRow | null;
  /** Compares rows by what is known of the server's order; never by another one, for what it says changes with {@link learn}. */
  readonly compare: (a: AnyRow, b: AnyRow) => number;
  /** Learns the order of rows that the server gave, and puts those that are held in it. */
  learn(rows: RowsInOrder): void;
  /** Whether no place of what was compared since the server gave the first rows is a guess, and none of these rows would have one by a guess. */
  isSure(rows: Iterable<AnyRow>): boolean;
  /** Whether a row with these columns of the order is not beyond the end. */
  reaches(row: AnyRow): boolean;
  /** Says up to where the rows are known: a row with the columns of the order, or null for all. Drops what is beyond. */
  setEnd(row: AnyRow | null): void;
  /** Adds a row, or puts it in the place of the one of its key, unless it is beyond the end; says whether it is kept. */
  put(key: string, row: AnyRow): boolean;
  /** The same with a row that is refused, of which the columns of the order matter. Gives the row that was shown till now. */
  refuse(key: string, row: AnyRow): AnyRow | undefined;
  /** Forgets a row, and gives it unless it was refused. */
  remove(key: string): AnyRow | undefined;
  /** How many rows that may exist are missing to the limit. */
  missing(): number;
  /** The first rows, as many as the limit or more; the same view until one of them changed. */
  view(count?: number): ListView<AnyRow>;
  /** Puts many rows into an empty window at once; `end` as for {@link setEnd}, and none of them beyond it. */
  fill(rows: readonly (readonly [string, AnyRow])[], end: AnyRow | null): void;
}

/** Makes an empty window of `limit` rows, with no end. */
export function createRowWindow(order: RowOrder, keyOf: (row: AnyRow) => string, limit: number): RowWindow {
  const taught = createTaughtOrder(order);
  const { compare } = taught;
  const list = createSortedList(compare);
  const byKey = new Map<string, AnyRow>();
  const refused = new Set<AnyRow>();
  let end: AnyRow | null = null;
  /** How many rows the server told the order of at last. */
  let told = 0;
  let shown: ListView<AnyRow> | null = null;
  let shownCount = limit;
  /** The last row of the view, when that has as many as there may be. */
  let lastShown: AnyRow | undefined;

  const held = (): readonly AnyRow[] => list.view(list.size).items();
  /** Forgets places of texts that are no longer held. */
  const keepPlaces = (): void => { taught.keep(end === null || end === list.last() ? held() : [...held(), end]); };
  const meet = (row: AnyRow, known?: AnyRow): void => {
    if (taught.meet(row, known) || taught.grown > list.size + SPARE_TEXTS) keepPlaces();
  };
  /** A row changed: what is shown is different, unless it is behind that. */
  const changed = (row: AnyRow): void => {
    if (shown !== null && (lastShown === undefined || compare(row, lastShown) <= 0)) shown = null;
  };
  const isBeyond = (row: AnyRow): boolean => end !== null && compare(row, end) > 0;
  const get = (key: string): AnyRow | undefined => {
    const row = byKey.get(key);
    return row === undefined || refused.has(row) ? undefined : row;
  };
  const remove = (key: string): AnyRow | undefined => {
    const row = byKey.get(key);
    if (row === undefined) return undefined;
    byKey.delete(key);
    // Not found where values have no order, such as times that are none; nobody has to wait for it to go.
    if (!list.remove(row)) list.fill([...byKey.values()].sort(compare));
    changed(row);
    return refused.delete(row) ? undefined : row;
  };
  /** Drops the last row, and what was after it becomes unknown. */
  const dropLast = (): void => {
    const last = list.last();
    if (last === undefined) return;
    remove(keyOf(last));
    end = list.last() ?? null;
  };
  const put = (key: string, row: AnyRow): boolean => {
    const known = byKey.get(key);
    meet(row, known);
    if (isBeyond(row)) {
      remove(key);
      return false;
    }
    changed(row);
    byKey.set(key, row);
    if (known !== undefined) {
      refused.delete(known);
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
    get,
    placed: (key) => byKey.get(key),
    keys: () => byKey.keys(),
    end: () => end,
    compare,
    learn({ rows, after }) {
      for (const row of rows) meet(row, byKey.get(keyOf(row)));
      told = rows.length;
      if (!taught.isTaught) return;
      if (after !== null) keepPlaces();
      taught.teach(rows, after);
      const before = held();
      if (before.every((row, at) => at === 0 || compare(before[at - 1] as AnyRow, row) < 0)) return; // within its length
      list.fill([...before].sort(compare));
      shown = null;
    },
    isSure: (rows) => taught.isSure(rows),
    reaches(row) {
      meet(row);
      return !isBeyond(row);
    },
    setEnd(row) {
      end = row;
      if (row === null) return;
      for (let last = list.last(); last !== undefined && compare(last, row) > 0; last = list.last()) remove(keyOf(last));
    },
    put,
    refuse(key, row) {
      const before = get(key);
      if (put(key, row)) refused.add(row);
      return before;
    },
    remove,
    missing: () => (end === null ? 0 : Math.max(0, limit - byKey.size)),
    view(count = limit) {
      if (shown !== null && shownCount === count) return shown;
      shownCount = count;
      lastShown = list.size >= count ? list.at(count - 1) : undefined;
      return (shown = refused.size === 0 ? list.view(count) : without(refused, list.view(count)));
    },
    fill(rows, last) {
      end = last;
      if (rows.length === 0) return;
      for (const [key, row] of rows) {
        meet(row, rows.length <= told ? row : undefined); // what it was just told of need not be looked at again
        byKey.set(key, row);
      }
      list.fill([...byKey.values()].sort(compare));
      shown = null;
    },
  };
}

/** A view without some rows. Its array is made when it is read. */
function without(some: ReadonlySet<AnyRow>, view: ListView<AnyRow>): ListView<AnyRow> {
  const left = new Set(some);
  let made: readonly AnyRow[] | null = null;
  return { items: () => (made ??= view.items().filter((row) => !left.has(row))) };
}
