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
  /** Stands for the names of the columns that the rows have. */
  columnsMark: string;
  /** The new row; empty for a delete. */
  record: string;
  /** What the table's replica identity keeps of the old row: empty for nothing, `=` for the key that the new row has. */
  oldRecord: string;
  /** JSON array of columns stored out of line that an update left alone: replication does not send their values. */
  unchanged: string;
}

/** A change that is too long for a notification, which says where it was put. */
interface SetAside {
  seq: string;
  relid: number;
  commitTimestamp: string;
}

/** Changes that were set aside before the table for it gives its space back. */
const COMPACT_AFTER = 100;

/** The changes that were notified and not taken yet, in commit and statement order. */
export class ChangeLog {
  readonly #db: Tx;
  #entries: (CapturedChange | SetAside)[] = [];
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
    const entry = read(notification, this.#commitTime());
    if (entry !== null && ('seq' in entry || wanted(entry.relid))) this.#entries.push(entry);
  }

  /**
   * Removes and returns the oldest changes, at most `limit`; those of tables not `wanted` any more are dropped. At once,
   * unless some were set aside.
   */
  take(limit: number, wanted: (relid: number) => boolean): CapturedChange[] | Promise<CapturedChange[]> {
    const changes: CapturedChange[] = [];
    for (const entry of this.#entries) {
      if ('seq' in entry) return this.#takeAlsoAside(limit, wanted);
      if (changes.length === limit) break;
      changes.push(entry);
    }
    this.#entries = this.#entries.slice(changes.length);
    return changes.filter(({ relid }) => wanted(relid));
  }

  async #takeAlsoAside(limit: number, wanted: (relid: number) => boolean): Promise<CapturedChange[]> {
    const entries = this.#entries.splice(0, limit);
    const texts = await this.#takeAside(entries.flatMap((entry) => ('seq' in entry ? entry.seq : [])));
    return entries.flatMap((entry) => (wanted(entry.relid) ? (changeOf(entry, texts) ?? []) : []));
  }

  /** The texts of changes that were set aside, by number. */
  async #takeAside(seqs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#db.query<{ change: string }>('select realtime_changes.take($1::bigint[]) as change', [seqs]);
    this.#setAside += seqs.length;
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

function changeOf(entry: CapturedChange | SetAside, aside: ReadonlyMap<string, string>): CapturedChange | null {
  if (!('seq' in entry)) return entry;
  const change = read(aside.get(entry.seq) ?? '', entry.commitTimestamp);
  return change === null || 'seq' in change ? null : change;
}

/** Reads what a trigger notified, or set aside. */
function read(text: string, commitTimestamp: string): CapturedChange | SetAside | null {
  const [header = '', record = '', oldRecord = '', unchanged = ''] = text.split('\n');
  const [seq = '', relidText = '', columnsMark = '', action] = header.split(' ');
  const relid = Number(relidText);
  if (action === 'INSERT' || action === 'UPDATE' || action === 'DELETE') return { relid, action, commitTimestamp, columnsMark, record, oldRecord, unchanged };
  return SET_ASIDE.test(text) ? { seq, relid, commitTimestamp } : null;
}

const SET_ASIDE = /^\d+ \d+$/;
