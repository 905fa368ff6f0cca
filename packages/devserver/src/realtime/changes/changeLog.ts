import type { Tx } from '../../database/database.ts';
import type { ChangeAction } from './binding.ts';

/** Channel on which capture triggers say what a transaction changed, once it is committed. */
export const NOTIFY_CHANNEL = 'realtime_changes';

/** Notified instead of a change when DDL or a grant touched what is known of tables. */
export const SCHEMA_CHANGED = 'schema';

/** A row change as the capture trigger notified it: JSON text with Postgres' own digits, order and spacing. */
export interface CapturedChange {
  relid: number;
  action: ChangeAction;
  /** `2026-11-22T13:55:12.885Z`, the same for all changes of a transaction. */
  commitTimestamp: string;
  /** The new row; empty for a delete. */
  record: string;
  /** What the table's replica identity keeps of the old row: empty for nothing, `=` for the key that the new row has. */
  oldRecord: string;
  /** JSON array of columns stored out of line that an update left alone: replication does not send their values. */
  unchanged: string;
}

/** One notification; `text` is null while the change is set aside for its length. */
interface Entry {
  seq: string;
  relid: number;
  commitTimestamp: string;
  text: string | null;
}

/** Changes that were set aside before the table for it gives its space back. */
const COMPACT_AFTER = 100;

/** The changes that were notified and not taken yet, in commit and statement order. */
export class ChangeLog {
  readonly #db: Tx;
  #entries: Entry[] = [];
  #setAside = 0;
  #now: string | null = null;

  constructor(db: Tx) {
    this.#db = db;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Forgets what was set aside before anybody listened. */
  async begin(): Promise<void> {
    await this.#db.exec('truncate realtime_changes.set_aside');
  }

  /** Takes a notification in; changes of tables that are not `wanted` leave nothing, and anything else is no change. */
  add(notification: string, wanted: (relid: number) => boolean): void {
    const end = notification.indexOf('\n');
    const [seq = '', relid = '', action] = (end < 0 ? notification : notification.slice(0, end)).split(' ');
    if (!/^\d+$/.test(seq) || !/^\d+$/.test(relid)) return;
    if (action !== undefined && !wanted(Number(relid))) return;
    this.#entries.push({ seq, relid: Number(relid), commitTimestamp: this.#commitTime(), text: action === undefined ? null : notification });
  }

  /** Removes and returns the oldest changes, at most `limit`; those of tables not `wanted` any more are dropped. */
  async take(limit: number, wanted: (relid: number) => boolean): Promise<CapturedChange[]> {
    const entries = this.#entries.splice(0, limit);
    const aside = entries.filter(({ text }) => text === null);
    const texts = aside.length === 0 ? null : await this.#takeAside(aside);
    return entries.flatMap((entry) => (wanted(entry.relid) ? read(entry, entry.text ?? texts?.get(entry.seq)) : []));
  }

  async #takeAside(entries: readonly Entry[]): Promise<Map<string, string>> {
    const rows = await this.#db.query<{ change: string }>('select realtime_changes.take($1::bigint[]) as change', [entries.map(({ seq }) => seq)]);
    this.#setAside += entries.length;
    if (this.#setAside >= COMPACT_AFTER) {
      this.#setAside = 0;
      await this.#db.query('select realtime_changes.compact()');
    }
    return new Map(rows.map(({ change }) => [change.slice(0, change.indexOf(' ')), change]));
  }

  /** All notifications of a commit come in one turn, and none of another commit does. */
  #commitTime(): string {
    if (this.#now === null) {
      // The database's clock, which rows are stamped by, and not the server's that tests move.
      this.#now = new Date().toISOString();
      queueMicrotask(() => (this.#now = null));
    }
    return this.#now;
  }
}

function read({ relid, commitTimestamp }: Entry, text: string | undefined): CapturedChange[] {
  const [header = '', record = '', oldRecord = '', unchanged = ''] = text?.split('\n', 4) ?? [];
  const action = header.split(' ')[2];
  if (action !== 'INSERT' && action !== 'UPDATE' && action !== 'DELETE') return [];
  return [{ relid, action, commitTimestamp, record, oldRecord, unchanged }];
}
