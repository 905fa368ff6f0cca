import { sliceObject } from '../codec/jsonSlices.ts';
import type { ChangeAction } from './binding.ts';
import type { CapturedChange } from './changeLog.ts';
import type { TableInfo } from './tableInfo.ts';

/** Largest change sent whole, in bytes of JSON. */
const MAX_CHANGE_BYTES = 1024 * 1024;

/** A row by column, each value as JSON text. */
export type Row = ReadonlyMap<string, string>;

/** A change as subscribers may come to see it. */
export interface RowChange {
  action: ChangeAction;
  commitTimestamp: string;
  /** The new row; `null` for a delete. */
  record: Row | null;
  /** What the table's replica identity keeps of the old row; `null` for nothing. */
  oldRecord: Row | null;
  /** The row that filters see: what was deleted, or the new row without out-of-line values that an update left alone. */
  filtered: Row;
  /** Primary key of the new row as a JSON object, as Postgres reads it back; on tables with row security. */
  key: string;
  /** Whether it is over the payload limit. */
  tooLarge: boolean;
}

/** Reads a captured change, with values as the real server shows them. */
export function readChange(change: CapturedChange, table: TableInfo): RowChange {
  const { action, commitTimestamp, unchanged } = change;
  const raw = sliceObject(change.record || '{}') ?? new Map<string, string>();
  const key = table.rowSecurity ? rowText([...raw].filter(([name]) => table.primaryKey.has(name))) : '{}';
  const whole = shaped(raw, table);
  const oldRecord = oldRow(change, whole, table);
  // True by the trigger: an array of column names.
  const left = unchanged === '' ? [] : (JSON.parse(unchanged) as string[]);
  const sent = left.length === 0 ? whole : new Map([...whole].filter(([name]) => !left.includes(name)));
  // Under identity FULL the real server fills the gaps from the old row.
  const record = left.every((name) => oldRecord?.has(name)) ? whole : sent;
  return {
    action,
    commitTimestamp,
    record: action === 'DELETE' ? null : record,
    oldRecord,
    filtered: action === 'DELETE' ? (oldRecord ?? new Map<string, string>()) : sent,
    key,
    tooLarge: isTooLarge(change, [action === 'DELETE' ? null : sent, oldRecord]),
  };
}

/** A row, or some columns of it, as Postgres writes an object. */
export function rowText(columns: Iterable<readonly [name: string, json: string]>): string {
  return `{${Array.from(columns, ([name, json]) => `${JSON.stringify(name)}: ${json}`).join(', ')}}`;
}

function oldRow({ oldRecord }: CapturedChange, record: Row, table: TableInfo): Row | null {
  if (oldRecord === '') return null;
  if (oldRecord === '=') return new Map([...record].filter(([name]) => table.primaryKey.has(name)));
  return shaped(sliceObject(oldRecord) ?? new Map<string, string>(), table);
}

/** How values of some types appear: otherwise than `to_jsonb` writes them. */
const SHAPES: Readonly<Partial<Record<string, (json: string) => string>>> = {
  // hexadecimal without `\x`
  bytea: (json) => json.replace('\\\\x', ''),
  // the real server casts to the bare type name, which means one character
  bpchar: firstCharacter,
  bit: firstCharacter,
  // NaN and infinities have no JSON number
  float4: numberOrNull,
  float8: numberOrNull,
  numeric: numberOrNull,
};

function shaped(row: Map<string, string>, { columns }: TableInfo): Row {
  for (const { name, type } of columns) {
    const json = row.get(name);
    const shape = SHAPES[type];
    if (json !== undefined && shape !== undefined) row.set(name, shape(json));
  }
  return row;
}

function firstCharacter(json: string): string {
  const text: unknown = JSON.parse(json);
  return typeof text === 'string' && text !== '' ? JSON.stringify(String.fromCodePoint(text.codePointAt(0) ?? 0)) : json;
}

function numberOrNull(json: string): string {
  return json.startsWith('"') ? 'null' : json;
}

/** Measures exactly only what may be too large: no character takes more than three bytes. */
function isTooLarge({ record, oldRecord }: CapturedChange, rows: readonly (Row | null)[]): boolean {
  if ((record.length + Math.max(oldRecord.length, record.length)) * 3 <= MAX_CHANGE_BYTES) return false;
  return rows.reduce((bytes, row) => bytes + (row === null ? 0 : Buffer.byteLength(rowText(row))), 0) > MAX_CHANGE_BYTES;
}
