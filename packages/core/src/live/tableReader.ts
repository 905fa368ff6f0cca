import type { SupabaseClient } from '@supabase/supabase-js';
import type { Filter } from '../channel/defineChannel.ts';
import { inList } from '../channel/filter.ts';
import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import { mayPass } from '../lib/mayPass.ts';
import { stableKey } from '../lib/stableKey.ts';
import type { RowOrder } from './compare.ts';
import { parseCsv, type TextRow } from './csvRows.ts';
import { exactAmong, readExact } from './exactRows.ts';
import type { AnyRow } from './rowWindow.ts';

/** How many rows a project answers a request with at least, if there are so many: Supabase's default of `max-rows`. */
const LEAST_MAX_ROWS = 1_000;
/** How long an answer may take, in ms. */
const READ_TIMEOUT_MS = 30_000;

/** The server has no CSV of this. */
const NO_CSV_STATUS: ReadonlySet<number> = new Set([406, 415]);

/** Which rows of which table. */
export interface TableQuery {
  readonly schema: string;
  readonly table: string;
  readonly filters: readonly Filter[];
  readonly order: RowOrder;
}

/** What to read of a {@link TableQuery}. */
export interface ReadRequest {
  /** Columns, separated by commas; `*` for all. */
  readonly columns: string;
  /** Only the rows of these keys. */
  readonly keys?: readonly string[];
  /** Only rows after this one: values of the order's and the key's columns. */
  readonly after?: AnyRow | null;
  /** Most rows to read. @defaultValue all */
  readonly limit?: number;
}

/** What to read as texts. */
interface TextRequest {
  readonly columns: readonly string[];
  readonly limit: number;
}

/** Reads rows of tables. Equal reads asked for in the same tick are one request. */
export interface TableReader {
  /**
   * The rows in order. Reads on where the server's `max-rows` cuts an answer.
   * Rejects with `live/snapshot-failed` when it may work later, and with `live/snapshot-invalid` when it will not.
   */
  read(query: TableQuery, request: ReadRequest): Promise<readonly AnyRow[]>;
  /** The same as texts, in fewer bytes and with all digits of numbers. Null when the server gives no CSV, or one that has two meanings. */
  readTexts(query: TableQuery, request: TextRequest): Promise<readonly TextRow[] | null>;
  /** Aborts what is being read. */
  end(): void;
}

/** Makes the reader of one client. */
export function createTableReader(supabase: () => SupabaseClient, clock: Clock): TableReader {
  const starting = new Map<string, Promise<unknown>>();
  const reading = new Set<AbortController>();

  /** One request; `csv` for its text, null when there is none, else the rows. */
  const request = async (query: TableQuery, asked: ReadRequest, csv: boolean): Promise<unknown> => {
    const abort = new AbortController();
    const timer = clock.setTimeout(() => { abort.abort(); }, READ_TIMEOUT_MS);
    reading.add(abort);
    try {
      const built = toRequest(supabase(), query, asked).abortSignal(abort.signal);
      const { data, error, status } = await (csv ? built.csv() : built);
      if (error === null) return data;
      if (csv && NO_CSV_STATUS.has(status)) return null;
      throw new RealtimeError(mayPass(status) ? 'live/snapshot-failed' : 'live/snapshot-invalid', `the rows of "${query.table}" could not be read; ${error.message}`, { cause: error });
    } finally {
      clock.clearTimeout(timer);
      reading.delete(abort);
    }
  };
  const readRows = (query: TableQuery, asked: ReadRequest): Promise<readonly AnyRow[]> =>
    readExact(exactAmong(asked.columns, query.order.exact), asked.columns, async (columns) => (await request(query, { ...asked, columns }, false)) as AnyRow[]); // objects; their content is validated by the caller
  const readTextRows = async (query: TableQuery, asked: ReadRequest): Promise<readonly TextRow[] | null> => {
    const text = await request(query, asked, true);
    return typeof text === 'string' ? parseCsv(text) : null;
  };
  /** Equal reads of one tick are one; a later caller wants to know of later rows. */
  const shared = <T>(what: string, query: TableQuery, asked: unknown, start: () => Promise<T>): Promise<T> => {
    const key = stableKey([what, query, asked]);
    const known = starting.get(key);
    if (known !== undefined) return known as Promise<T>; // of the same `what`, so of the same type
    const started = start();
    starting.set(key, started);
    void Promise.resolve().then(() => starting.delete(key));
    return started;
  };

  return {
    read: (query, asked) => shared('rows', query, asked, async () => (await inPages(asked, (page) => readRows(query, page))) ?? []),
    readTexts(query, { columns, limit }) {
      // The page after another one begins at a value of the order.
      const all = limit > LEAST_MAX_ROWS ? new Set([...columns, query.order.column, ...query.order.key]) : columns;
      const asked = { columns: [...all].join(','), limit };
      return shared('texts', query, asked, () => inPages(asked, (page) => readTextRows(query, page)));
    },
    end() {
      for (const abort of reading) abort.abort();
    },
  };
}

/** Reads on where the server's `max-rows` cuts an answer. Null when a page is. */
async function inPages<Row extends AnyRow>(asked: ReadRequest, read: (page: ReadRequest) => Promise<readonly Row[] | null>): Promise<readonly Row[] | null> {
  const { limit = Infinity } = asked;
  let page = await read(asked);
  let rows = page;
  while (page !== null && rows !== null && page.length >= LEAST_MAX_ROWS && rows.length < limit) {
    page = await read({ ...asked, after: rows.at(-1) ?? null, limit: limit - rows.length });
    rows = page && [...rows, ...page];
  }
  return rows;
}

function toRequest(supabase: SupabaseClient, { schema, table, filters, order }: TableQuery, { columns, keys, after, limit }: ReadRequest) {
  let query = supabase.schema(schema).from(table).select(columns);
  for (const { column, operator, value } of filters) query = query.filter(column, operator, operator === 'in' ? inList(value) : value);
  const [key] = order.key;
  if (keys !== undefined && order.key.length === 1 && key !== undefined) query = query.filter(key, 'in', `(${keys.map((text) => (/^[\w-]+$/.test(text) ? text : quoted(text))).join(',')})`);
  else if (keys !== undefined) query = query.or(keys.map((one) => hasKey(order.key, one)).join(','));
  if (after !== null && after !== undefined) query = query.or(afterRow(order, after));
  let ordered = query.order(order.column, { ascending: order.ascending, nullsFirst: false });
  for (const column of order.key) if (column !== order.column) ordered = ordered.order(column);
  return limit !== undefined && limit !== Infinity ? ordered.limit(limit) : ordered;
}

/** The condition that a row comes after another one: by the order's column, then by key. Nulls are last. */
function afterRow({ column, ascending, key }: RowOrder, row: AnyRow): string {
  const value = row[column];
  const isNull = `${column}.is.null`;
  const ties = key.includes(column) && key.length === 1 ? [] : afterKey(key, row);
  if (value === null || value === undefined) return ties.map((tie) => allOf([isNull, tie])).join(',');
  const beyond = [term(column, ascending ? 'gt' : 'lt', value), isNull];
  return [...beyond, ...ties.map((tie) => allOf([term(column, 'eq', value), tie]))].join(',');
}

/** The condition that a row has this key of several columns, a JSON array of their texts. */
function hasKey(columns: readonly string[], key: string): string {
  const parts = JSON.parse(key) as string[]; // made so by keyOf
  return allOf(columns.map((column, at) => term(column, 'eq', parts[at])));
}

/** Conditions of which one holds for rows after this one by key alone. */
function afterKey(key: readonly string[], row: AnyRow): string[] {
  return key.map((column, at) => allOf([...key.slice(0, at).map((before) => term(before, 'eq', row[before])), term(column, 'gt', row[column])]));
}

function allOf(terms: readonly string[]): string {
  return terms.length === 1 ? (terms[0] ?? '') : `and(${terms.join(',')})`;
}

function term(column: string, operator: string, value: unknown): string {
  return `${column}.${operator}.${quoted(String(value))}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}
