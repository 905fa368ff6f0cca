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
}

/** One action for two, `'nothing'` when they cancel out, null when they stay two. */
export type Fold = { readonly name: string; readonly input: Json } | 'nothing' | null;

/** Two actions on one row that were never sent, as one; only where that leaves the row as the two would. */
export function foldRow(table: FoldedTable, earlier: QueuedAction, later: QueuedAction): Fold {
  const [first, second] = [table.verbOf(earlier.name), table.verbOf(later.name)];
  if (first === undefined || second === undefined || table.laneOf(keyIn(first, earlier)) !== table.laneOf(keyIn(second, later))) return null;
  if (first === 'delete') return null;
  const mayMeetRow = first === 'insert' && !table.isNew(earlier.input as JsonRow); // by its name
  if (second === 'delete') return first === 'insert' && !mayMeetRow ? 'nothing' : { name: later.name, input: later.input as Json }; // an input is stored as JSON
  if (second !== 'update' || mayMeetRow) return null;
  const input = first === 'update' ? bothUpdates(earlier.input as RowUpdate, later.input as RowUpdate) : changedRow(table, earlier.input as JsonRow, later.input as RowUpdate); // by their names
  return input === null ? null : { name: earlier.name, input };
}

function keyIn(verb: Verb, { input }: QueuedAction): JsonRow {
  return verb === 'update' ? (input as RowUpdate).key : (input as JsonRow); // by their names
}

function bothUpdates(before: RowUpdate, { changes }: RowUpdate): Json {
  return { ...before, changes: { ...before.changes, ...changes } }; // of JSON parts
}

/** The row with the changes. Null when its schema, which an update does not pass, would make something else of them. */
function changedRow({ written }: FoldedTable, row: JsonRow, { changes }: RowUpdate): JsonRow | null {
  const changed = { ...row, ...changes };
  return sameContent(written(changed), { ...written(row), ...changes }) ? changed : null;
}
