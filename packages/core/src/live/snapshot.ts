import type { SupabaseClient } from '@supabase/supabase-js';
import type { Filter } from '../channel/defineChannel.ts';
import { inList } from '../channel/filter.ts';
import { RealtimeError } from '../errors.ts';
import { readExact, type ExactRow } from './exactRows.ts';

/** Which rows to read. */
export interface SnapshotRequest {
  schema: string;
  table: string;
  filter: Filter | null;
  orderBy: string;
  ascending: boolean;
  /** Primary key columns; they break ties. */
  key: readonly string[];
  /** int8 and numeric columns to be read as text. */
  exact: readonly string[];
  limit: number;
}

const RETRYABLE_STATUS: ReadonlySet<number> = new Set([0, 408, 425, 429]);

/**
 * Reads the rows of a query as they are now. Rejects with `live/snapshot-failed` when it may work later (no connection,
 * server trouble) and with `live/snapshot-invalid` when it will not (no rights, no such column).
 */
export function readSnapshot(supabase: SupabaseClient, request: SnapshotRequest, signal: AbortSignal): Promise<ExactRow[]> {
  return readExact(request.exact, (columns) => readRows(supabase, request, columns, signal));
}

async function readRows(supabase: SupabaseClient, request: SnapshotRequest, columns: string, signal: AbortSignal): Promise<unknown[]> {
  const { schema, table, filter, orderBy, ascending, key, limit } = request;
  let query = supabase.schema(schema).from(table).select(columns);
  if (filter !== null) {
    const value = filter.operator === 'in' ? inList(filter.value) : filter.value;
    query = query.filter(filter.column, filter.operator, value);
  }
  let ordered = query.order(orderBy, { ascending, nullsFirst: false });
  for (const column of key) if (column !== orderBy) ordered = ordered.order(column);
  const { data, error, status } = await ordered.limit(limit).abortSignal(signal);
  if (error === null) return data;
  const retryable = RETRYABLE_STATUS.has(status) || status >= 500;
  throw new RealtimeError(retryable ? 'live/snapshot-failed' : 'live/snapshot-invalid', `the rows of "${table}" could not be read; ${error.message}`, { cause: error });
}
