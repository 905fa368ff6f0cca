import type { Tx } from '../../database/database.ts';
import type { ChangeAction } from './binding.ts';

/** Channel on which capture triggers announce a transaction with changes. */
export const NOTIFY_CHANNEL = 'realtime_changes';

/** Changes read in one go; a larger transaction comes in several. */
export const BATCH_SIZE = 500;

/** A row change as the capture trigger wrote it down. Records are JSON text with Postgres' own digits, order and spacing. */
export interface LoggedChange {
  relid: number;
  action: ChangeAction;
  /** `2026-11-22T13:55:12.885Z`, the same for all changes of a transaction. */
  commitTimestamp: string;
  /** The new row; `null` for a delete. */
  record: string | null;
  /** What the table's replica identity keeps of the old row; `null` for an insert. */
  oldRecord: string | null;
  /** `record` without the out-of-line values an update left alone, where it has any: what filters see. */
  sent: string | null;
  /** Primary key of the new row, on tables with row security. */
  key: string | null;
  /** Size of the change, to compare with the payload limit. */
  bytes: number;
}

/** Changes taken from the log; `schemaVersion` tells whether tables are still as they were known. */
export interface Batch {
  changes: LoggedChange[];
  /** How many changes left the log, those of unwatched tables included. */
  taken: number;
  schemaVersion: string;
}

interface LogRow {
  taken: number;
  /** `null` in the one row that stands for no wanted changes. */
  relid: number | null;
  action: ChangeAction;
  commit_timestamp: string;
  record: string | null;
  old_record: string | null;
  sent: string | null;
  key: string | null;
  bytes: number;
  schema_version: string;
}

/** Removes the oldest {@link BATCH_SIZE} changes from the log; those of tables outside `wanted` are dropped. */
export async function takeChanges(db: Tx, wanted: readonly number[]): Promise<Batch> {
  const rows = await db.query<LogRow>('select * from realtime_changes.take($1::oid[], $2)', [wanted, BATCH_SIZE]);
  const [first] = rows;
  return { taken: first?.taken ?? 0, schemaVersion: first?.schema_version ?? '', changes: rows.flatMap(loggedChange) };
}

function loggedChange({ relid, action, commit_timestamp: commitTimestamp, record, old_record: oldRecord, sent, key, bytes }: LogRow): LoggedChange[] {
  return relid === null ? [] : [{ relid, action, commitTimestamp, record, oldRecord, sent, key, bytes }];
}
