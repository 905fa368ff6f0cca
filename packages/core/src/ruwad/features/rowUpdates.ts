import type { ChangeType } from '../../channel/defineChannel.ts';
import type { Change } from '../../channel/types.ts';

/** How many updates are kept. */
const LIMIT = 50;

/** A row whose status is watched. */
interface Tracked {
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
  /** Adds a change of a live query, whose `old` is the row as it was held. */
  add(change: Change<Row>): void;
}

/**
 * Makes an empty log.
 *
 * @param build - makes an entry of what happened, the row's id, and the row: after a deletion as it was before.
 * @param now - stamps changes that came without a commit time, in ms since 1970.
 */
export function createRowUpdates<Row extends Tracked, Update>(build: (update: RowUpdate, rowId: string, row: Row) => Update, now: () => number): RowUpdates<Row, Update> {
  let list: readonly Update[] = [];
  let count = 0;
  return {
    list: () => list,
    add(change) {
      const row = change.type === 'DELETE' ? (change.old as Row) : change.row; // whole, as said above
      const update: RowUpdate = {
        id: `${change.key}:${String((count += 1))}`,
        type: change.type,
        previousStatus: change.type === 'INSERT' ? null : (change.old.status ?? null),
        newStatus: change.type === 'DELETE' ? null : change.row.status,
        timestamp: change.commitTimestamp ?? new Date(now()).toISOString(),
      };
      list = [build(update, change.key, row), ...list.slice(0, LIMIT - 1)];
    },
  };
}
