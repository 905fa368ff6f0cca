import { wireOf } from '../channel/wireRow.ts';
import { compareValues } from './compare.ts';
import type { RepairRequest, Repair, RepairSource, Held } from './repairSource.ts';
import type { AnyRow } from './rowWindow.ts';
import type { TableQuery, TableReader } from './tableReader.ts';
import { createVersionList, type Comparable, type Listed } from './versionList.ts';

/** How long the conditions on keys in one request may be, in characters; addresses up to 8,000 pass everywhere. */
const MOST_KEYS_LENGTH = 4_000;
/** What a column of a key takes there beside its value. */
const KEY_COLUMN_LENGTH = 10;
/** When more than this share of the rows differ, and more than one request asks for by key, all are read. */
const MOST_SINGLE_SHARE = 1 / 2;
/** What a {@link createTableSource} is made of. */
export interface TableSourceOptions {
  reader: TableReader;
  query: TableQuery;
  /** Columns of a whole row, in PostgREST's notation. */
  columns: string;
  version: string | undefined;
  keyOf: (row: AnyRow) => string;
}

/** Reads the table, and single rows of it. */
export interface TableSource extends RepairSource {
  /** Reads rows by their keys. */
  readRows(keys: readonly string[]): Promise<Repair>;
  /** Keys of the rows of a list that are not held in the version it says. */
  differing(held: Held, list: readonly Listed[]): string[];
  /** Reads on after the end of what is held. */
  readOn(end: AnyRow | null, count: number): Promise<Repair>;
}

/**
 * Repairs from the table alone. With a version column only keys and versions are read, and then the rows that differ;
 * without one, or when nothing is held, all rows of the query. What is recent are rows with a version above those of the
 * last comparison: late commits, and rows that are gone, are not among them.
 */
export function createTableSource({ reader, query, columns, version, keyOf }: TableSourceOptions): TableSource {
  const isDecimal = version !== undefined && query.order.exact?.includes(version) === true;
  const list = version === undefined ? null : createVersionList({ reader, query, version, keyOf });
  /** The highest version of the last comparison, or of what was found to be recent since. */
  let newest: Comparable | undefined;

  const isNewer = (a: unknown, b: unknown): boolean => compareValues(a, b, isDecimal) > 0;
  const noteNewest = (versions: readonly unknown[]): void => {
    for (const one of versions) if (isComparable(one) && (newest === undefined || isNewer(one, newest))) newest = one;
  };
  const readWhole = async (held: Held): Promise<Repair> => {
    const { wanted } = held;
    const rows = await reader.read(query, { columns, limit: wanted });
    if (version !== undefined) noteNewest(rows.map((row) => row[version]));
    return { put: rows, gone: without(held.keys(), rows.map(keyOf)), end: lastOf(rows, wanted), inOrder: { rows, after: null } };
  };
  /** What tells the place of a row. */
  const placeOf = (row: AnyRow): AnyRow => Object.fromEntries([query.order.column, ...query.order.key].map((column) => [column, wireOf(row)[column]]));
  const readRows = async (keys: readonly string[]): Promise<Repair> => {
    const pages: (readonly AnyRow[])[] = [];
    for (const page of inPages(keys, query.order.key.length)) pages.push(await reader.read(query, { columns, keys: page }));
    const put = pages.flat();
    return { put, gone: without(keys, put.map(keyOf)) };
  };
  /** Whether what is held of a row is not what the list says. */
  const differs = (held: Held, { key, version: listed }: Listed): boolean => {
    const known = held.versionOf(key);
    if (known === undefined) return !held.touched(key);
    const compared = compareValues(known, listed, isDecimal);
    // What the stream brought since may well be newer than the list.
    return held.touched(key) ? compared < 0 : compared !== 0;
  };
  const differing = (held: Held, listed: readonly Listed[]): string[] => listed.filter((row) => differs(held, row)).map(({ key }) => key);

  const readRecent = async (held: Held, listed: readonly Listed[], patience: RepairRequest['patience']): Promise<Repair> => {
    noteNewest(listed.map((row) => row.version));
    if (patience !== null && differing(held, listed).length > 0) await patience();
    return readRows(differing(held, listed));
  };
  /** The rows that are as the list says, so that their places are known. */
  const asListed = (held: Held, listed: readonly Listed[], put: readonly AnyRow[]): AnyRow[] => {
    const read = new Map(put.map((row) => [keyOf(row), row]));
    return listed.flatMap(({ key, version: told }) => {
      const row = read.get(key) ?? held.get(key);
      return row !== undefined && compareValues(wireOf(row)[version ?? ''], told, isDecimal) === 0 ? [row] : [];
    });
  };

  return {
    differing,
    async repair(held, { scope, patience }) {
      if (scope === 'whole' || list === null || held.size === 0) {
        const found = await readWhole(held);
        if (patience !== null && held.size > 0) await patience();
        return found;
      }
      const [wanted, endBefore] = [held.wanted, held.end()];
      if (scope === 'recent' && newest !== undefined && !held.cut) return readRecent(held, await list({ limit: wanted, above: newest }), patience);
      const listed = await list({ limit: wanted });
      noteNewest(listed.map((row) => row.version));
      const gone = (): string[] => without(held.keys(), listed.map(({ key }) => key));
      if (patience !== null && differing(held, listed).length + gone().length > 0) await patience();
      const reread = differing(held, listed);
      if (reread.length > listed.length * MOST_SINGLE_SHARE && inPages(reread, query.order.key.length).length > 1) return readWhole(held);
      const found = await readRows(reread);
      const rows = asListed(held, listed, found.put);
      // There may be no more rows than those of the list.
      const end = listed.length < wanted ? null : rows.at(-1);
      if (end === undefined) return readWhole(held);
      // Rows that the stream pushed out meanwhile are not among those that were read.
      const isFull = end === null && held.end() !== endBefore;
      return { put: found.put, gone: [...gone(), ...found.gone], inOrder: { rows, after: null }, ...(!isFull && { end }) };
    },
    readRows,
    async readOn(end, count) {
      const rows = await reader.read(query, { columns, after: end && placeOf(end), limit: count });
      return { put: rows, gone: [], end: lastOf(rows, count), inOrder: { rows, after: end } };
    },
  };
}

function isComparable(version: unknown): version is Comparable {
  return typeof version === 'string' || typeof version === 'number' || typeof version === 'bigint';
}

function without(keys: Iterable<string>, some: readonly string[]): string[] {
  const found = new Set(some);
  return [...keys].filter((key) => !found.has(key));
}

/** The last row of those that were read, unless the table has no more. */
function lastOf(rows: readonly AnyRow[], wanted: number): AnyRow | null {
  return rows.length < wanted ? null : (rows.at(-1) ?? null);
}

/** Keys in parts that an address has room for. */
function inPages(keys: readonly string[], keyColumns: number): string[][] {
  const pages: string[][] = [];
  let length = Infinity;
  for (const key of keys) {
    length += encodeURIComponent(key).length + KEY_COLUMN_LENGTH * keyColumns;
    if (length > MOST_KEYS_LENGTH) {
      pages.push([]);
      length = 0;
    }
    pages.at(-1)?.push(key);
  }
  return pages;
}
