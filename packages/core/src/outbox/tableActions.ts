import type { SupabaseClient } from '@supabase/supabase-js';
import { asRecord } from '../lib/asRecord.ts';
import { stableKey } from '../lib/stableKey.ts';
import { isUuid7 } from '../lib/uuid7.ts';
import type { SchemaIssue, StandardSchema } from '../lib/standardSchema.ts';
import { validate } from '../pipeline/validate.ts';
import { foldRow, type FoldedTable, type Verb } from './foldRow.ts';
import { createOwnVersions } from './ownVersions.ts';
import type { ActionDefinition, ExecuteContext, QueuedAction } from './types.ts';
import { updateRow, type JsonRow, type Resolve } from './updateRow.ts';

const VERBS: readonly Verb[] = ['insert', 'upsert', 'update', 'delete'];

/** An update of one row. */
export interface RowUpdate {
  /** The columns of the primary key. */
  readonly key: JsonRow;
  /** Columns that change. Only these are sent: of two updates the later one wins, column by column. */
  readonly changes: JsonRow;
  /**
   * The row that the change was made from, as it was shown: with one's own writes that wait. Needed for
   * {@link TableActionsOptions.resolve}, with the version column and those that change.
   */
  readonly base?: JsonRow | undefined;
}

/** Options of {@link tableActions}. */
export interface TableActionsOptions {
  readonly table: string;
  /** @defaultValue `'public'` */
  readonly schema?: string | undefined;
  /**
   * Columns of the primary key, whose values the client makes. An insert that was not sent takes updates in, and cancels out
   * with a deletion, where the key is `id` alone, made by `newId` (UUID version 7), and `unique` is not given: a row with another
   * key may be there already. @defaultValue `['id']`
   */
  readonly key?: readonly string[] | undefined;
  /**
   * Columns of another unique constraint: a row that is there already with the same values is as good as the one inserted.
   * @defaultValue the primary key, so that an insert that is sent twice writes once
   */
  readonly unique?: readonly string[] | undefined;
  /** What rows to insert must satisfy. @defaultValue only the key is looked for */
  readonly row?: StandardSchema<unknown, JsonRow> | undefined;
  /** What the database adds to an inserted row, for it to be shown before it is confirmed. @defaultValue nothing */
  readonly shown?: ((row: JsonRow, action: QueuedAction<JsonRow>) => JsonRow) | undefined;
  /** Column that changes with every update of a row; needed for `resolve`. */
  readonly version?: string | undefined;
  /** Asked when somebody else changed columns of the update since `base`. @defaultValue the later write wins, column by column */
  readonly resolve?: Resolve | undefined;
}

/** Ready-made actions of one table; pass `all` to `outbox({ actions })`. */
export interface TableActions {
  readonly insert: ActionDefinition<JsonRow, JsonRow>;
  /** Inserts the row, or changes the columns it names of the one that is there. */
  readonly upsert: ActionDefinition<JsonRow, JsonRow>;
  /** Fails when the row does not exist or may not be changed. */
  readonly update: ActionDefinition<RowUpdate, JsonRow>;
  /** Takes the columns of the primary key. Done when the row is gone; fails when it is there and may not be deleted. */
  readonly delete: ActionDefinition<JsonRow, JsonRow>;
  readonly all: readonly ActionDefinition<never>[];
}

/**
 * Actions that write rows of a table, each row a lane: they show at once, are sent in order, may be sent again without
 * harm, and answer with the row as it became. While they wait, actions on one row become one: an insert under a new id takes
 * updates in, and cancels out with a delete.
 *
 * @example
 * const notes = tableActions({ table: 'notes' });
 * const realtime = createRealtimeClient({ supabase, user, outbox: outbox({ actions: notes.all }) });
 * await realtime.outbox.enqueue(notes.insert, { id: newId(), body: 'Hello' });
 */
export function tableActions({ table, schema = 'public', key = ['id'], unique = key, row: rowSchema, shown, version, resolve }: TableActionsOptions): TableActions {
  if (resolve !== undefined && version === undefined) throw new TypeError(`"${table}": resolve needs a version column`);
  const nameOf = (verb: Verb): string => `${schema}.${table}/${verb}`;
  const keyOf = (row: JsonRow): JsonRow => pick(row, key);
  const lane = (row: JsonRow): string => `${schema}.${table}:${stableKey(keyOf(row))}`;
  const from = (supabase: SupabaseClient) => supabase.schema(schema).from(table);
  const at = { schema, table };
  const keyIssues = (row: unknown, path: readonly string[] = []): SchemaIssue[] => {
    const missing = key.filter((column) => asRecord(row)[column] === undefined || asRecord(row)[column] === null);
    return missing.map((column) => ({ message: 'the column of the primary key is missing', path: [...path, column] }));
  };
  const decisions = new Map<string, JsonRow>();
  const ownVersions = createOwnVersions();
  const row = checked<JsonRow>((value) => keyIssues(value), rowSchema);
  const folded: FoldedTable = {
    verbOf: (name) => VERBS.find((verb) => nameOf(verb) === name),
    laneOf: lane,
    written(given) {
      const judged = validate(row, given);
      return judged.ok ? (judged.value as JsonRow) : undefined; // as the schema of rows gives it
    },
    // An id of another kind may be somebody's, and columns of other names may be others' ids.
    isNew: ({ id }) => isUuid7(id) && [...key, ...unique].every((column) => column === 'id'),
    conditionOf: ({ base }) => (resolve === undefined || version === undefined || base === undefined ? undefined : [base[version]]),
  };
  const fold: ActionDefinition['fold'] = (earlier, later) => foldRow(folded, earlier, later);

  const write = async (supabase: SupabaseClient, input: JsonRow, unwritten: boolean): Promise<unknown> => {
    const { error, data, ...rest } = await from(supabase).upsert(input, { onConflict: (unwritten ? unique : key).join(','), ignoreDuplicates: unwritten }).select();
    if (error !== null || data.length > 0) return { error, data: one(data), ...rest };
    const found = await from(supabase).select().match(pick(input, unique));
    if (found.error === null && found.data.length === 0) throw new Error(`the row was not written to "${table}"; one that may not be seen is there`);
    return { ...found, data: one(found.data) };
  };
  const remove = async (supabase: SupabaseClient, input: JsonRow): Promise<unknown> => {
    const gone = await from(supabase).delete().match(keyOf(input)).select();
    if (gone.error !== null || gone.data.length > 0) return { ...gone, data: one(gone.data) };
    const left = await from(supabase).select().match(keyOf(input));
    if (left.error === null && left.data.length > 0) throw new Error(`the row of "${table}" was not deleted; it is somebody else's`);
    return { ...left, data: left.error === null ? keyOf(input) : null };
  };

  const insert: ActionDefinition<JsonRow, JsonRow> = {
    name: nameOf('insert'), input: row, lane, fold: fold, // it is asked for inputs of this table's actions alone
    execute: async (supabase, input) => (await write(supabase, input, true)) as JsonRow, // the row as PostgREST gives it, or a response
    optimistic: (action) => [{ ...at, type: 'INSERT', row: shown === undefined ? action.input : shown(action.input, action) }],
  };
  const upsert: ActionDefinition<JsonRow, JsonRow> = {
    name: nameOf('upsert'), input: row, lane, fold: fold, // as above
    execute: async (supabase, input) => (await write(supabase, input, false)) as JsonRow, // as above
    optimistic: (action) => [
      { ...at, type: 'INSERT', row: shown === undefined ? action.input : shown(action.input, action) },
      { ...at, type: 'UPDATE', key: keyOf(action.input), changes: action.input },
    ],
  };
  const update: ActionDefinition<RowUpdate, JsonRow> = {
    name: nameOf('update'), lane: ({ key: of }) => lane(of), fold: fold, // as above
    input: checked<RowUpdate>((value) => [...keyIssues(asRecord(value)['key'], ['key']), ...changesIssues(value)]),
    execute: async (supabase, input, context: ExecuteContext) => (await updateRow({ table, from: () => from(supabase), version, resolve, decisions, ownVersions }, { ...input, key: keyOf(input.key) }, context)) as JsonRow, // as above
    optimistic: ({ input: { key: of, changes } }) => [{ ...at, type: 'UPDATE', key: keyOf(of), changes }],
  };
  const del: ActionDefinition<JsonRow, JsonRow> = {
    name: nameOf('delete'), input: checked<JsonRow>((value) => keyIssues(value)), lane, fold: fold, // as above
    execute: async (supabase, input) => (await remove(supabase, input)) as JsonRow, // as above
    optimistic: ({ input }) => [{ ...at, type: 'DELETE', key: keyOf(input) }],
  };
  return { insert, upsert, update, delete: del, all: [insert, upsert, update, del] as never }; // the outbox gives each what its own schema passed
}

/** A Standard Schema of a check, after the app's own. */
function checked<T>(issuesOf: (value: unknown) => readonly SchemaIssue[], first?: StandardSchema<unknown, T>): StandardSchema<T> {
  const judge = (value: unknown) => {
    const issues = issuesOf(value);
    return issues.length > 0 ? { issues } : { value: value as T }; // as was just checked
  };
  return {
    '~standard': {
      version: 1,
      vendor: 'ruwad',
      validate(value) {
        const given = first === undefined ? { ok: true as const, value } : validate(first, value);
        return given.ok ? judge(given.value) : given;
      },
    },
  };
}

function changesIssues(value: unknown): SchemaIssue[] {
  const { changes } = asRecord(value);
  return Object.keys(asRecord(changes)).length > 0 ? [] : [{ message: 'nothing changes', path: ['changes'] }];
}

function pick(row: JsonRow, columns: readonly string[]): JsonRow {
  return Object.fromEntries(columns.map((column) => [column, row[column]]));
}

function one(rows: unknown): unknown {
  return Array.isArray(rows) ? (rows[0] ?? null) : null;
}
