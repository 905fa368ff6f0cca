import type { ChangeType } from '../../channel/defineChannel.ts';
import type { Change } from '../../channel/types.ts';

/** How many updates are kept. */
const LIMIT = 50;
/** Of how many rows the status is remembered; those that changed last. */
const KNOWN = 1_000;

/** A row whose status is watched. */
interface Tracked {
  readonly id: string;
  readonly status: string | null;
}

/** Something that happened to a row while we listened. */
export interface RowUpdate {
  /** Unique in the list. */
  readonly id: string;
  readonly type: ChangeType;
  /** Status before, when known. */
  readonly previousStatus: string | null;
  /** Status after; null after a deletion. */
  readonly newStatus: string | null;
  /** Commit time in ISO 8601. */
  readonly timestamp: string;
}

/** A log of updates. Made by {@link createRowUpdates}. */
export interface RowUpdates<Row, Update> {
  /** The latest 50, newest first. */
  list(): readonly Update[];
  add(change: Change<Row>): void;
  /** Learns the rows as a snapshot showed them, for the status before the next change. */
  learn(rows: readonly Row[]): void;
}

/**
 * Makes an empty log.
 *
 * @param build - makes an entry of what happened, the row's id, and the row: after a deletion as last known, or null.
 * @param now - stamps changes that came without a commit time, in ms since 1970.
 */
export function createRowUpdates<Row extends Tracked, Update>(build: (update: RowUpdate, rowId: string, row: Row | null) => Update, now: () => number): RowUpdates<Row, Update> {
  let list: readonly Update[] = [];
  let known = new Map<string, Row>();
  let count = 0;
  return {
    list: () => list,
    learn(rows) {
      known = new Map(rows.map((row) => [row.id, row]));
    },
    add(change) {
      const before = known.get(change.key);
      const row = change.type === 'DELETE' ? (before ?? null) : change.row;
      // The server sends the old status only under REPLICA IDENTITY FULL.
      const oldStatus = change.type === 'INSERT' ? null : (change.old.status ?? before?.status ?? null);
      const update: RowUpdate = {
        id: `${change.key}:${String((count += 1))}`,
        type: change.type,
        previousStatus: oldStatus,
        newStatus: change.type === 'DELETE' ? null : change.row.status,
        timestamp: change.commitTimestamp ?? new Date(now()).toISOString(),
      };
      list = [build(update, change.key, row), ...list.slice(0, LIMIT - 1)];
      known.delete(change.key); // so that the latest come last
      if (change.type !== 'DELETE') known.set(change.key, change.row);
      for (const oldest of known.keys()) {
        if (known.size <= KNOWN) return;
        known.delete(oldest);
      }
    },
  };
}
