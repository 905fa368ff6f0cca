import { pickMembers, sliceObject } from '../codec/jsonSlices.ts';
import type { ChangeAction } from './binding.ts';
import type { CapturedChange } from './changeLog.ts';
import type { TableInfo } from './tableInfo.ts';

/** Largest change sent whole, in bytes of JSON. */
const MAX_CHANGE_BYTES = 1024 * 1024;

/** A row by column, each value as JSON text. */
export type Row = ReadonlyMap<string, string>;

const NO_COLUMNS: Row = new Map();
const NOTHING_LEFT: readonly string[] = [];

/**
 * A captured change as subscribers may come to see it, with values as the real server shows them. Most changes look as
 * they were captured, and are passed on without being taken apart; whatever is asked for is read when it is.
 */
export class RowChange {
  readonly table: TableInfo;
  readonly #captured: CapturedChange;
  #row: Row | undefined;
  #oldRow: Row | null | undefined;
  #filtered: Row | undefined;
  #tooLarge: boolean | undefined;

  constructor(captured: CapturedChange, table: TableInfo) {
    this.#captured = captured;
    this.table = table;
  }

  get action(): ChangeAction {
    return this.#captured.action;
  }

  get commitTimestamp(): string {
    return this.#captured.commitTimestamp;
  }

  /** The new row; `null` for a delete. */
  get record(): Row | null {
    if (this.action === 'DELETE') return null;
    // Under identity FULL the real server fills the gaps from the old row.
    return this.#left.every((name) => this.oldRecord?.has(name)) ? this.#whole : this.filtered;
  }

  /** What the table's replica identity keeps of the old row; `null` for nothing. */
  get oldRecord(): Row | null {
    return (this.#oldRow ??= this.#readOldRow());
  }

  /** The row that filters see: what was deleted, or the new row without out-of-line values that an update left alone. */
  get filtered(): Row {
    return (this.#filtered ??= this.action === 'DELETE' ? (this.oldRecord ?? NO_COLUMNS) : this.#sent());
  }

  /** A column's type as SQL writes it. */
  typeOf(column: string): string | undefined {
    return this.table.types.get(column);
  }

  /** The value of a column that filters see, as JSON text. */
  valueOf(column: string): string | undefined {
    return this.filtered.get(column);
  }

  /** Primary key of the new row as a JSON object, as Postgres reads it back. */
  get key(): string {
    return this.#pickKey() ?? '{}';
  }

  /** Whether it is over the payload limit. */
  get tooLarge(): boolean {
    return (this.#tooLarge ??= this.#isTooLarge());
  }

  /** The text of the new row for who sees all columns, if that is as it was captured. */
  get recordText(): string | null {
    const { record, unchanged } = this.#captured;
    return unchanged === '' && this.#isAsSeen(record) ? record : null;
  }

  /** The text of the old row for who sees all columns, if that is as it was captured. */
  get oldRecordText(): string | null {
    const { oldRecord, record } = this.#captured;
    if (oldRecord === '=') return this.#isAsSeen(record) ? this.#pickKey() : null;
    return this.#isAsSeen(oldRecord) ? oldRecord : null;
  }

  /** Whether the text of a row appears as it is. */
  #isAsSeen(rowText: string): boolean {
    const { columnsMark, shapes } = this.table;
    if (rowText === '' || this.#captured.columnsMark !== columnsMark || this.tooLarge) return false;
    for (const { mayApply } of shapes.values()) if (mayApply(rowText)) return false;
    return true;
  }

  #pickKey(): string | null {
    const picked = pickMembers(this.#captured.record, this.table.primaryKey);
    return picked === null ? null : rowText(picked);
  }

  /** The new row, with all its values. */
  get #whole(): Row {
    return (this.#row ??= shaped(this.#captured.record, this.table));
  }

  /** Names of the columns that replication does not send. */
  get #left(): readonly string[] {
    const { unchanged } = this.#captured;
    // True by the trigger: an array of column names.
    return unchanged === '' ? NOTHING_LEFT : (JSON.parse(unchanged) as string[]);
  }

  #sent(): Row {
    const left = this.#left;
    return left.length === 0 ? this.#whole : new Map([...this.#whole].filter(([name]) => !left.includes(name)));
  }

  #readOldRow(): Row | null {
    const { oldRecord } = this.#captured;
    if (oldRecord === '') return null;
    if (oldRecord === '=') return new Map([...this.#whole].filter(([name]) => this.table.primaryKey.has(name)));
    return shaped(oldRecord, this.table);
  }

  /** Measures exactly only what may be too large: no character takes more than three bytes. */
  #isTooLarge(): boolean {
    const { record, oldRecord } = this.#captured;
    if ((record.length + Math.max(oldRecord.length, record.length)) * 3 <= MAX_CHANGE_BYTES) return false;
    const rows = [this.action === 'DELETE' ? null : this.filtered, this.oldRecord];
    return rows.reduce((bytes, row) => bytes + (row === null ? 0 : Buffer.byteLength(rowText(row))), 0) > MAX_CHANGE_BYTES;
  }
}

/** A row, or some columns of it, as Postgres writes an object. */
export function rowText(columns: Iterable<readonly [name: string, json: string]>): string {
  return `{${Array.from(columns, ([name, json]) => `${JSON.stringify(name)}: ${json}`).join(', ')}}`;
}

function shaped(text: string, { shapes }: TableInfo): Row {
  const row = sliceObject(text) ?? new Map<string, string>();
  for (const [name, { apply }] of shapes) {
    const json = row.get(name);
    if (json !== undefined) row.set(name, apply(json));
  }
  return row;
}
