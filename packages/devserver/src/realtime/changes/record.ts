import { rowText, type Row, type RowChange } from './rowChange.ts';
import type { TableView } from './tableView.ts';

/** Largest value kept of a change that is too large, in bytes of JSON. */
const MAX_KEPT_VALUE_BYTES = 64;

/** The `data` object of a frame, as JSON text that keeps the database's digits, key order and spacing. */
export function changeData(change: RowChange, view: TableView): string {
  if (view.refusal !== null && change.action !== 'DELETE') return dataObject(change, view, { record: '{}', columns: '[]', error: view.refusal, timestamp: null, oldRecord: '{}' });
  return dataObject(change, view, {
    record: change.action === 'DELETE' ? '' : recordText(change, view),
    columns: view.columnsJson,
    error: change.tooLarge ? 'Error 413: Payload Too Large' : null,
    timestamp: change.commitTimestamp,
    oldRecord: change.action === 'INSERT' ? '' : oldRecordText(change, view),
  });
}

interface DataParts {
  record: string;
  columns: string;
  error: string | null;
  timestamp: string | null;
  oldRecord: string;
}

function dataObject({ action }: RowChange, { tableJson, schemaJson }: TableView, { record, columns, error, timestamp, oldRecord }: DataParts): string {
  return (
    `{"table":${tableJson},"type":"${action}"` +
    (action === 'DELETE' ? '' : `,"record":${record}`) +
    `,"columns":${columns},"errors":${error === null ? 'null' : JSON.stringify([error])}` +
    `,"schema":${schemaJson},"commit_timestamp":${timestamp === null ? 'null' : `"${timestamp}"`}` +
    (action === 'INSERT' ? '' : `,"old_record":${oldRecord}`) +
    '}'
  );
}

function recordText(change: RowChange, view: TableView): string {
  return (view.whole ? change.recordText : null) ?? visiblePart(change.record, change, view.seen);
}

function oldRecordText(change: RowChange, view: TableView): string {
  // A deleted row can no longer be checked against its policies.
  if (change.action === 'DELETE' && change.table.rowSecurity) return visiblePart(change.oldRecord, change, new Set([...change.table.primaryKey].filter((name) => view.seen.has(name))));
  return (view.whole ? change.oldRecordText : null) ?? visiblePart(change.oldRecord, change, view.seen);
}

function visiblePart(row: Row | null, { tooLarge }: RowChange, seen: ReadonlySet<string>): string {
  // Always by name: the row may be older than the table's columns, and have one that is gone since.
  return rowText([...(row ?? [])].filter(([name, value]) => seen.has(name) && (!tooLarge || isSmall(value))));
}

/** A change that is too large loses its long values and, with them, its nulls. */
function isSmall(value: string): boolean {
  return value !== 'null' && Buffer.byteLength(value) <= MAX_KEPT_VALUE_BYTES;
}
