import { exactNumber } from '../lib/exactNumber.ts';
import { isSameInJson, jsonTime, type TextRow } from './csvRows.ts';
import type { AnyRow } from './rowWindow.ts';
import type { TableQuery, TableReader } from './tableReader.ts';

/** Numbers as Postgres prints them. */
const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]\d+)?$/;

/** A row, as a list tells of it. */
export interface Listed {
  readonly key: string;
  readonly version: unknown;
}

/** What a {@link createVersionList} is made of. */
export interface VersionListOptions {
  reader: TableReader;
  query: TableQuery;
  version: string;
  keyOf: (row: AnyRow) => string;
}

/** A version that the server can compare a column with. */
export type Comparable = string | number | bigint;

/** Lists the query's rows, so many from the first; with `above` only those with a higher version. */
export type VersionList = (what: { limit: number; above?: Comparable }) => Promise<readonly Listed[]>;

/**
 * Lists rows by key and version alone. As CSV, which has no column names in each row; as JSON for good once the keys turn
 * out to be of a type that JSON writes otherwise, or the server gives no CSV.
 */
export function createVersionList({ reader, query, version, keyOf }: VersionListOptions): VersionList {
  const { key, column, exact = [] } = query.order;
  const columns = [...new Set([...key, version])];
  let asCsv = true;

  const isPlain = (row: TextRow): boolean => key.every((name) => typeof row[name] === 'string' && (exact.includes(name) || isSameInJson(row[name])));
  /** A version of the type that JSON gives it. */
  const valueOf = (text: string | null): unknown => {
    if (text === null || exact.includes(version)) return text;
    return NUMBER.test(text) ? (exactNumber(text) ?? text) : jsonTime(text);
  };
  const fromCsv = async (asked: TableQuery, limit: number): Promise<readonly Listed[] | null> => {
    const rows = await reader.readTexts(asked, { columns, limit });
    return rows?.every(isPlain) === true ? rows.map((row) => ({ key: keyOf(row), version: valueOf(row[version] ?? null) })) : null;
  };

  return async ({ limit, above }) => {
    const asked = above === undefined ? query : { ...query, filters: [...query.filters, { column: version, operator: 'gt' as const, value: String(above) }] };
    const listed = asCsv ? await fromCsv(asked, limit) : null;
    if (listed !== null) return listed;
    asCsv = false;
    const rows = await reader.read(asked, { columns: [...new Set([...key, column, version])].join(','), limit });
    return rows.map((row) => ({ key: keyOf(row), version: row[version] }));
  };
}
