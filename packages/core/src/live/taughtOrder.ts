import { wireOf } from '../channel/wireRow.ts';
import { compareValues, type RowOrder } from './compare.ts';
import { createTextGuess, type TextGuess } from './textGuess.ts';
import { createTextOrder, type TextOrder } from './textOrder.ts';

type AnyRow = Readonly<Record<string, unknown>>;

/** Texts whose order by code unit is the server's in any collation: dates and times in UTC, and uuids. */
const PLAIN = /^(?:\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)?)?|[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})$/;

/** The order of a query's rows, with what the server taught of it. */
export interface TaughtOrder {
  /** Compares rows as the query's `order by` does, as far as is known: nulls last either way, ties by primary key. */
  readonly compare: (a: AnyRow, b: AnyRow) => number;
  /** To be told of every row before it is compared with others, and which one it replaces. Says whether those held are to be passed to {@link keep}. */
  meet(row: AnyRow, known?: AnyRow): boolean;
  /** Whether there is anything to be taught: not of numbers, times in UTC and uuids. */
  readonly isTaught: boolean;
  /** Learns the order of rows that the server gave one after the other: the first ones, or those after a row. */
  teach(rows: readonly AnyRow[], after: AnyRow | null): void;
  /** How many texts were given places without being told since the last {@link teach} or {@link keep}, which bounds what is remembered. */
  readonly grown: number;
  /** Forgets everything but the order of these rows, which are in it. */
  keep(rows: readonly AnyRow[]): void;
  /** Whether no place of what was compared since the first rows were taught is a guess, and none of these rows would have one by a guess. */
  isSure(rows: Iterable<AnyRow>): boolean;
}

interface Column {
  readonly name: string;
  readonly decimal: boolean;
  readonly ascending: boolean;
  /** Of a column that has texts whose order only the server knows. */
  guess: TextGuess | null;
}

/** What orders rows that are equal in all columns before one. */
interface Level {
  readonly texts: TextOrder<Level> | null;
  /** By values that are no taught texts. */
  readonly below: Map<unknown, Level>;
}

/**
 * The order of a query's rows. Text is ordered by the database's collation and enums by their definition, which a client
 * cannot know: of columns that have such values, the order is what the server gave rows in, and a guess until it did.
 */
export function createTaughtOrder({ column, ascending, key, exact = [] }: RowOrder): TaughtOrder {
  const first: Column = { name: column, decimal: exact.includes(column), ascending, guess: null };
  const ties = key.filter((name) => name !== column).map((name): Column => ({ name, decimal: exact.includes(name), ascending: true, guess: null }));
  const columns = [first, ...ties];
  /** Up to which column values are taught. */
  let depth = 0;
  /** Whether the schema changes values. */
  let isRemade = false;
  let guesses = 0;
  let grown = 0;

  const onPlaced = (certain: boolean): void => {
    if (!certain) guesses += 1;
    grown += 1;
  };
  const levelAt = (at: number): Level => {
    const guess = columns[at]?.guess;
    return { texts: guess ? createTextOrder(guess, onPlaced) : null, below: new Map() };
  };
  let top = levelAt(0);

  /** Compares by the columns from one on. */
  const compareRest = (a: AnyRow, b: AnyRow, from: number): number => {
    for (let at = from; at < columns.length; at += 1) {
      const one = columns[at] as Column; // below their number
      const order = compareIn(one, a[one.name], b[one.name]);
      if (order !== 0) return order;
    }
    return 0;
  };
  /** The same by all of them, without a loop for the first, which mostly decides: engines read a property faster where it is always the same. */
  const comparePlain = (a: AnyRow, b: AnyRow): number => compareIn(first, a[column], b[column]) || compareRest(a, b, 1);
  /** What orders rows that have this value in a column of a level. */
  const under = ({ texts, below }: Level, at: number, value: unknown): Level => {
    if (texts !== null && typeof value === 'string') return (texts.placeOf(value).below ??= levelAt(at + 1));
    const known = below.get(value) ?? levelAt(at + 1);
    below.set(value, known);
    return known;
  };
  const orderIn = ({ texts }: Level, one: Column, x: unknown, y: unknown): number => {
    if (texts === null || typeof x !== 'string' || typeof y !== 'string') return compareIn(one, x, y);
    return x === y ? 0 : texts.placeOf(x).rank - texts.placeOf(y).rank;
  };
  const compareTaught = (a: AnyRow, b: AnyRow): number => {
    let level = top;
    for (let at = 0; at < depth; at += 1) {
      const one = columns[at] as Column; // below their number
      const value = a[one.name];
      const order = orderIn(level, one, value, b[one.name]);
      if (order !== 0) return order;
      const rest = compareRest(a, b, at + 1);
      if (rest === 0 || at + 1 === depth) return rest; // mostly a row and itself
      level = under(level, at, value);
    }
    return 0;
  };

  /** Learns from rows in order that are equal in all columns before `at`; `after`, if not null, is, too. Guesses heed only what the server told. */
  const teachLevel = (level: Level, at: number, rows: readonly AnyRow[], after: AnyRow | null, isTold: boolean): void => {
    const one = columns[at];
    if (one === undefined || at >= depth) return;
    const { name } = one;
    const start = after?.[name];
    if (after === null) level.below.clear();
    if (level.texts !== null && (after === null || typeof start === 'string')) {
      const told = rows.map((row) => row[name]).filter((value) => typeof value === 'string');
      if (isTold) one.guess?.heed(told);
      level.texts.teach(told, typeof start === 'string' ? start : null);
    }
    const isTie = (a: AnyRow, b: AnyRow): boolean => orderIn(level, one, a[name], b[name]) === 0;
    for (let from = 0, to = 1; from < rows.length; from = to, to += 1) {
      const row = rows[from] as AnyRow; // below their number
      while (to < rows.length && isTie(row, rows[to] as AnyRow)) to += 1;
      const before = from === 0 && after !== null && isTie(after, row) ? after : null;
      if (to - from > 1 || before !== null) teachLevel(under(level, at, row[name]), at + 1, rows.slice(from, to), before, isTold);
    }
  };

  /** Whether only a guess would put the row among those that the server ordered. */
  const isNew = (row: AnyRow): boolean => {
    let level: Level | undefined = top;
    for (let at = 0; at < columns.length; at += 1) {
      const { name, guess } = columns[at] as Column; // below their number
      const value = row[name];
      if (typeof value === 'string' && (guess === null ? isUnknown(columns[at] as Column, value) : level !== undefined && !(level.texts?.isPlaced(value) ?? false))) return true;
      level = level?.texts != null && typeof value === 'string' ? level.texts.belowOf(value) : level?.below.get(value);
    }
    return false;
  };

  return {
    compare(a, b) {
      if (depth === 0) return isRemade ? comparePlain(wireOf(a), wireOf(b)) : comparePlain(a, b);
      return compareTaught(wireOf(a), wireOf(b));
    },
    get isTaught() {
      return depth > 0;
    },
    get grown() {
      return grown;
    },
    meet(row, known) {
      const [wire, before] = [wireOf(row), known && wireOf(known)];
      isRemade ||= wire !== row;
      let isNewColumn = false;
      for (let at = 0; at < columns.length; at += 1) {
        const one = columns[at] as Column; // below their number
        const value = wire[one.name];
        if (value === before?.[one.name] || one.guess !== null || typeof value !== 'string' || !isUnknown(one, value)) continue;
        one.guess = createTextGuess(one.ascending);
        depth = Math.max(depth, at + 1);
        isNewColumn = true;
      }
      if (isNewColumn) top = levelAt(0);
      return isNewColumn;
    },
    teach(rows, after) {
      if (after === null) guesses = 0;
      teachLevel(top, 0, rows.map(wireOf), after && wireOf(after), true);
      grown = 0;
    },
    keep(rows) {
      teachLevel(top, 0, rows.map(wireOf), null, false);
      grown = 0;
    },
    isSure(rows) {
      if (guesses > 0) return false;
      for (const row of rows) if (isNew(wireOf(row))) return false;
      return true;
    },
  };
}

/** Whether only the server knows where a text is in its column. */
function isUnknown({ decimal }: Column, text: string): boolean {
  return !decimal && !isMoment(text) && !PLAIN.test(text);
}

/** Whether a text is as PostgREST writes a `timestamptz`, which most lists are ordered by; without a pattern, which takes longer. */
function isMoment(text: string): boolean {
  return text.charCodeAt(10) === 84 && text.charCodeAt(13) === 58 && text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45 && text.endsWith('+00:00');
}

function compareIn({ decimal, ascending }: Column, x: unknown, y: unknown): number {
  if (x === y) return 0;
  if (typeof x === 'string' && typeof y === 'string' && !decimal) return (x < y) === ascending ? -1 : 1; // what most orders are by
  const order = compareValues(x, y, decimal);
  return ascending || x === null || x === undefined || y === null || y === undefined ? order : -order;
}
