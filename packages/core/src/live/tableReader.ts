import type { SupabaseClient } from '@supabase/supabase-js';
import type { Filter } from '../channel/defineChannel.ts';
import { inList } from '../channel/filter.ts';
import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import { stableKey } from '../lib/stableKey.ts';
import type { RowOrder } from './compare.ts';
import { exactAmong, readExact } from './exactRows.ts';
import type { AnyRow } from './rowWindow.ts';

/** How many rows a project answers a request with at least, if there are so many: Supabase's default of `max-rows`. */
const LEAST_MAX_ROWS = 1_000;
/** How long an answer may take, in ms. */
const READ_TIMEOUT_MS = 30_000;

const RETRYABLE_STATUS: ReadonlySet<number> = new Set([0, 408, 425, 429]);

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

/** Reads rows of tables. Equal reads asked for in the same tick are one request. */
export interface TableReader {
  /**
   * The rows in order. Reads on where the server's `max-rows` cuts an answer.
   * Rejects with `live/snapshot-failed` when it may work later, and with `live/snapshot-invalid` when it will not.
   */
  read(query: TableQuery, request: ReadRequest): Promise<readonly AnyRow[]>;
  /** Aborts what is being read. */
  end(): void;
}

/** Makes the reader of one client. */
export function createTableReader(supabase: () => SupabaseClient, clock: Clock): TableReader {
  const starting = new Map<string, Promise<readonly AnyRow[]>>();
  const reading = new Set<AbortController>();

  const readPage = async (query: TableQuery, request: ReadRequest): Promise<readonly AnyRow[]> => {
    const abort = new AbortController();
    const timer = clock.setTimeout(() => { abort.abort(); }, READ_TIMEOUT_MS);
    reading.add(abort);
    try {
      return await readExact(exactAmong(request.columns, query.order.exact), request.columns, (columns) => requestRows(supabase(), query, { ...request, columns }, abort.signal));
    } finally {
      clock.clearTimeout(timer);
      reading.delete(abort);
    }
  };
  const readAll = async (query: TableQuery, request: ReadRequest): Promise<readonly AnyRow[]> => {
    const { limit = Infinity } = request;
    let rows = await readPage(query, request);
    for (let page = rows; page.length >= LEAST_MAX_ROWS && rows.length < limit; ) {
      page = await readPage(query, { ...request, after: rows.at(-1) ?? null, limit: limit - rows.length });
      rows = [...rows, ...page];
    }
    return rows;
  };

  return {
    read(query, request) {
      const key = stableKey([query, request]);
      const known = starting.get(key);
      if (known !== undefined) return known;
      const started = readAll(query, request);
      starting.set(key, started);
      // A later caller wants to know of later rows.
      void Promise.resolve().then(() => starting.delete(key));
      return started;
    },
    end() {
      for (const abort of reading) abort.abort();
    },
  };
}

async function requestRows(supabase: SupabaseClient, { schema, table, filters, order }: TableQuery, { columns, keys, after, limit }: ReadRequest, signal: AbortSignal): Promise<readonly AnyRow[]> {
  let query = supabase.schema(schema).from(table).select(columns);
  for (const { column, operator, value } of filters) query = query.filter(column, operator, operator === 'in' ? inList(value) : value);
  if (keys !== undefined) query = query.or(keys.map((key) => hasKey(order.key, key)).join(','));
  if (after !== null && after !== undefined) query = query.or(afterRow(order, after));
  let ordered = query.order(order.column, { ascending: order.ascending, nullsFirst: false });
  for (const column of order.key) if (column !== order.column) ordered = ordered.order(column);
  if (limit !== undefined && limit !== Infinity) ordered = ordered.limit(limit);

  const { data, error, status } = await ordered.abortSignal(signal);
  if (error === null) return data as unknown as AnyRow[]; // PostgREST answers with objects; their content is validated by the caller
  const retryable = RETRYABLE_STATUS.has(status) || status >= 500;
  throw new RealtimeError(retryable ? 'live/snapshot-failed' : 'live/snapshot-invalid', `the rows of "${table}" could not be read; ${error.message}`, { cause: error });
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

/** The condition that a row has this key; the key of several columns is a JSON array of their texts. */
function hasKey(columns: readonly string[], key: string): string {
  const parts = columns.length === 1 ? [key] : (JSON.parse(key) as string[]); // made so by keyOf
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
  const text = value instanceof Date ? value.toISOString() : String(value);
  return `${column}.${operator}."${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}
