import type { RepairRequest, Repair, RepairSource, Held } from './repairSource.ts';
import { compareValues } from './compare.ts';
import type { AnyRow } from './rowWindow.ts';
import type { TableQuery, TableReader } from './tableReader.ts';

/** Most rows that are asked for by key in one request; more would make an address too long. */
const KEYS_A_REQUEST = 50;

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
  /** Keys of the rows of a list, with their version, that are not held like that. */
  differing(held: Held, list: readonly AnyRow[]): string[];
  /** Reads on after the end of what is held. */
  readOn(end: AnyRow | null, count: number): Promise<Repair>;
}

/**
 * Repairs from the table alone. With a version column only keys and versions are read, and then the rows that differ;
 * without one, or when nothing is held, all rows of the query.
 */
export function createTableSource({ reader, query, columns, version, keyOf }: TableSourceOptions): TableSource {
  const { order } = query;
  const thin = [...new Set([...order.key, order.column, ...(version === undefined ? [] : [version])])].join(',');

  const readWhole = async (held: Held): Promise<Repair> => {
    const { wanted } = held;
    const rows = await reader.read(query, { columns, limit: wanted });
    return { put: rows, gone: others(held, rows), end: endOf(rows, wanted) };
  };
  const others = (held: Held, rows: readonly AnyRow[]): string[] => {
    const found = new Set(rows.map(keyOf));
    return [...held.keys()].filter((key) => !found.has(key));
  };
  const readRows = async (keys: readonly string[]): Promise<Repair> => {
    const pages: (readonly AnyRow[])[] = [];
    for (let at = 0; at < keys.length; at += KEYS_A_REQUEST) pages.push(await reader.read(query, { columns, keys: keys.slice(at, at + KEYS_A_REQUEST) }));
    const put = pages.flat();
    const found = new Set(put.map(keyOf));
    return { put, gone: keys.filter((key) => !found.has(key)) };
  };
  /** Whether what is held of a row is not what the list says. */
  const differs = (held: Held, row: AnyRow): boolean => {
    const key = keyOf(row);
    const listed = row[version ?? ''];
    const known = held.versionOf(key);
    if (known === undefined) return !held.touched(key);
    const compared = compareValues(known, listed, order.exact?.includes(version ?? ''));
    // What the stream brought since may well be newer than the list.
    return held.touched(key) ? compared < 0 : compared !== 0;
  };

  const differing = (held: Held, list: readonly AnyRow[]): string[] => list.filter((row) => differs(held, row)).map(keyOf);

  return {
    differing,
    async repair(held, { whole, patience }: RepairRequest) {
      if (whole || version === undefined || held.size === 0) {
        const found = await readWhole(held);
        if (patience !== null && held.size > 0) await patience();
        return found;
      }
      const { wanted } = held;
      const list = await reader.read(query, { columns: thin, limit: wanted });
      if (patience !== null && (differing(held, list).length > 0 || others(held, list).length > 0)) await patience();
      const reread = differing(held, list);
      if (reread.length > list.length / 3 && reread.length > KEYS_A_REQUEST) return readWhole(held);
      const { put, gone } = reread.length === 0 ? { put: [], gone: [] } : await readRows(reread);
      return { put, gone: [...others(held, list), ...gone], end: endOf(list, wanted) };
    },
    readRows,
    async readOn(end, count) {
      const rows = await reader.read(query, { columns, after: end, limit: count });
      return { put: rows, gone: [], end: endOf(rows, count) };
    },
  };
}

/** The end of what was read: its last row, unless the table has no more. */
function endOf(rows: readonly AnyRow[], wanted: number): AnyRow | null {
  return rows.length < wanted ? null : (rows.at(-1) ?? null);
}
