import { sameContent } from '../lib/sameContent.ts';
import type { RowUpdate } from './tableActions.ts';
import type { Json, QueuedAction } from './types.ts';
import type { JsonRow } from './updateRow.ts';

/** What an action does to a row. */
export type Verb = 'insert' | 'upsert' | 'update' | 'delete';

/** The table whose actions are folded. */
export interface FoldedTable {
  readonly verbOf: (name: string) => Verb | undefined;
  readonly laneOf: (row: JsonRow) => string;
  /** What an insert or upsert of this input writes; undefined when the schema refuses it. */
  readonly written: (given: JsonRow) => JsonRow | undefined;
  /**
   * Whether nobody else can have this row. An insert leaves a row alone that is there, and what follows it is about that row:
   * then it must not go the way of the insert.
   */
  readonly isNew: (row: JsonRow) => boolean;
  /** What the row has to be for an update to be written without asking; undefined when it may be anything. */
  readonly conditionOf: (update: RowUpdate) => unknown;
}

/** What an action does; `row` is its input, or the key of an update. */
type Change = { readonly verb: Exclude<Verb, 'update'>; readonly row: JsonRow; readonly condition?: undefined } | { readonly verb: 'update'; readonly row: JsonRow; readonly update: RowUpdate; readonly condition: unknown };

/** One action for two, `'nothing'` when they cancel out, null when they stay two. */
type Fold = { readonly name: string; readonly input: Json } | 'nothing' | null;

/** Two actions on one row that were never sent, as one; only where that leaves the row as the two would. */
export function foldRow(table: FoldedTable, earlier: QueuedAction, later: QueuedAction): Fold {
  const [first, second] = [changeOf(table, earlier), changeOf(table, later)];
  if (first === null || second === null || first.verb === 'delete' || table.laneOf(first.row) !== table.laneOf(second.row)) return null;
  const isNew = first.verb === 'insert' && table.isNew(first.row);
  if (second.verb === 'delete') return isNew ? 'nothing' : { name: later.name, input: later.input as Json }; // an input is stored as JSON
  if (second.verb !== 'update') return null;
  // Nobody else has changed a new row; any other may be somebody else's, or have a conflict of its own.
  if (!isNew && (first.verb === 'insert' || !sameContent(first.condition, second.condition))) return null;
  const input = first.verb === 'update' ? { ...first.update, changes: { ...first.update.changes, ...second.update.changes } } : changedRow(table, first.row, second.update.changes);
  return input === null ? null : { name: earlier.name, input };
}

/** What an action does to its row; null when it does more, or is none of the table. */
function changeOf({ verbOf, laneOf, conditionOf }: FoldedTable, { name, input }: QueuedAction): Change | null {
  const verb = verbOf(name);
  if (verb === undefined) return null;
  if (verb !== 'update') return { verb, row: input as JsonRow }; // by its name, as below
  const update = input as RowUpdate;
  const staysInLane = laneOf({ ...update.key, ...update.changes }) === laneOf(update.key);
  return staysInLane ? { verb, row: update.key, update, condition: conditionOf(update) } : null;
}

/** The row with the changes. Null when its schema, which an update does not pass, would make something else of them. */
function changedRow({ written }: FoldedTable, row: JsonRow, changes: JsonRow): JsonRow | null {
  const changed = { ...row, ...changes };
  return sameContent(written(changed), { ...written(row), ...changes }) ? changed : null;
}
