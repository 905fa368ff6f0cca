import { rowText, type Row, type RowChange } from './rowChange.ts';
import type { TableInfo } from './tableInfo.ts';

/** Largest value kept of a change that is too large, in bytes of JSON. */
const MAX_KEPT_VALUE_BYTES = 64;

/** What one group of subscribers may see of a change. */
export interface View {
  /** Columns the role may select. */
  readable: ReadonlySet<string>;
  /** Columns asked for besides the primary key; `null` for all. */
  select: readonly string[] | null;
}

/** The `data` object of a frame, as JSON text that keeps the database's digits, key order and spacing. */
export function changeData(change: RowChange, table: TableInfo, view: View): string {
  const refusal = refusalOf(change, table, view);
  if (refusal !== null) return dataObject(change, table, { record: '{}', columns: '[]', error: refusal, timestamp: null, oldRecord: '{}' });

  const { tooLarge } = change;
  const seen = seenColumns(table, view);
  const part = (row: Row | null, keyOnly: boolean): string => visiblePart(row, seen, table, { keyOnly, smallOnly: tooLarge });
  return dataObject(change, table, {
    record: part(change.record, false),
    columns: describeColumns(table, seen),
    error: tooLarge ? 'Error 413: Payload Too Large' : null,
    timestamp: change.commitTimestamp,
    // A deleted row can no longer be checked against its policies.
    oldRecord: part(change.oldRecord, change.action === 'DELETE' && table.rowSecurity),
  });
}

/** Why subscribers with this view get nothing but the fact that something changed; deletes are never refused. */
export function refusalOf(change: RowChange, table: TableInfo, { readable }: View): string | null {
  if (change.action === 'DELETE') return null;
  if (table.primaryKey.size === 0) return 'Error 400: Bad Request, no primary key';
  if ([...table.primaryKey].some((column) => !readable.has(column))) return 'Error 401: Unauthorized';
  return null;
}

interface DataParts {
  record: string;
  columns: string;
  error: string | null;
  timestamp: string | null;
  oldRecord: string;
}

function dataObject({ action }: RowChange, { name, schema }: TableInfo, { record, columns, error, timestamp, oldRecord }: DataParts): string {
  return (
    `{"table":${JSON.stringify(name)},"type":"${action}"` +
    (action === 'DELETE' ? '' : `,"record":${record}`) +
    `,"columns":${columns},"errors":${error === null ? 'null' : JSON.stringify([error])}` +
    `,"schema":${JSON.stringify(schema)},"commit_timestamp":${JSON.stringify(timestamp)}` +
    (action === 'INSERT' ? '' : `,"old_record":${oldRecord}`) +
    '}'
  );
}

function seenColumns(table: TableInfo, { readable, select }: View): ReadonlySet<string> {
  const names = table.columns.map((column) => column.name);
  const wanted = (name: string): boolean => select === null || select.includes(name) || table.primaryKey.has(name);
  return new Set(names.filter((name) => readable.has(name) && wanted(name)));
}

function describeColumns(table: TableInfo, seen: ReadonlySet<string>): string {
  const shown = table.columns.filter(({ name }) => seen.has(name));
  return `[${shown.map(({ name, type }) => `{"name": ${JSON.stringify(name)}, "type": ${JSON.stringify(type)}}`).join(', ')}]`;
}

function visiblePart(row: Row | null, seen: ReadonlySet<string>, table: TableInfo, { keyOnly, smallOnly }: { keyOnly: boolean; smallOnly: boolean }): string {
  // Always by name: the row may be older than the table's columns, and have one that is gone since.
  return rowText([...(row ?? [])].filter(([name, value]) => seen.has(name) && (!keyOnly || table.primaryKey.has(name)) && (!smallOnly || isSmall(value))));
}

/** A change that is too large loses its long values and, with them, its nulls. */
function isSmall(value: string): boolean {
  return value !== 'null' && Buffer.byteLength(value) <= MAX_KEPT_VALUE_BYTES;
}
