import { neededColumns, type ReadPlan } from '../plan/readPlan.ts';
import type { Column, Table } from '../schema/model.ts';
import { whereSql } from './filterSql.ts';
import { bound, empty, ident, join, sql, trusted, type Fragment } from './fragment.ts';

/** Rows of a JSON body, to be written to some columns of a table. */
export interface Payload {
  readonly table: Table;
  /** The columns that are written; what else the body holds is left out. */
  readonly columns: readonly Column[];
  /** The body as the client sent it, so that numbers keep their digits. */
  readonly json: string;
  readonly isArray: boolean;
  /** Keys that a row lacks take the column's default instead of null. */
  readonly missingAsDefault: boolean;
}

/** What an insert does with a row that is there already. */
export interface Conflict {
  /** Columns of the unique key; without any there is no conflict to resolve. */
  readonly columns: readonly string[];
  readonly resolution: 'merge-duplicates' | 'ignore-duplicates';
}

/** Counts, in a setting of the transaction, the rows that a merge updated instead of inserting. */
export const MERGED_ROWS = trusted(`coalesce(nullif(pg_catalog.current_setting('pgrst.merged', true), ''), '0')`);

/** `insert … select … from <body> … returning …`. */
export function insertSql(payload: Payload, conflict: Conflict | null, returned: Fragment): Fragment {
  const names = payload.columns.map(({ name }) => ident(name));
  const list = names.length === 0 ? empty : sql` (${join(names, ', ')})`;
  const rows = sql`select ${bodyColumns(payload)} from ${bodySql(payload)}`;
  return sql`insert into ${tableSql(payload.table)}${list} ${rows}${conflictSql(payload, conflict)} returning ${returned}`;
}

/** `update … set … from <body> where … returning …`. A body without columns updates nothing. */
export function updateSql(plan: ReadPlan, payload: Payload, returned: Fragment): Fragment {
  const { table, columns } = payload;
  if (columns.length === 0) return sql`select ${returned} from ${tableSql(table)} where false`;
  const settings = columns.map(({ name }) => sql`${ident(name)} = pgrst_body.${ident(name)}`);
  return sql`update ${tableSql(table)} set ${join(settings, ', ')} from ${bodySql(payload)}${whereSql(plan)} returning ${returned}`;
}

/** `delete … where … returning …`. */
export function deleteSql(plan: ReadPlan, table: Table, returned: Fragment): Fragment {
  return sql`delete from ${tableSql(table)}${whereSql(plan)} returning ${returned}`;
}

/**
 * The columns that a write returns: only what the reply is made of, because each needs the privilege to read it.
 * `none` needs no such privilege at all.
 */
export function returnedSql(table: Table, plan: ReadPlan | 'none', always: readonly string[] = []): Fragment {
  if (plan === 'none' && always.length === 0) return sql`1`;
  const needed = plan === 'none' ? [] : neededColumns(plan);
  if (needed === null) return sql`${ident(table.name)}.*`;
  const names = [...new Set([...needed, ...always])];
  return join(names.map((name) => ident(table.name, name)), ', ', sql`1`);
}

export function tableSql({ schema, name }: Pick<Table, 'schema' | 'name'>): Fragment {
  return ident(schema, name);
}

function bodyColumns({ columns }: Payload): Fragment {
  return join(columns.map(({ name }) => sql`pgrst_body.${ident(name)}`), ', ');
}

/** The body as rows `pgrst_body`, its values converted by the table's types. */
function bodySql(payload: Payload): Fragment {
  const json = payload.missingAsDefault ? withDefaults(payload) : sql`(${bound(payload.json)})::pg_catalog.json`;
  const kind = trusted(payload.missingAsDefault ? 'jsonb' : 'json');
  if (payload.columns.length === 0) return emptyRows(payload);
  const typed = payload.columns.map(({ name, type }) => sql`${ident(name)} ${ident(type.schema, type.name)}`);
  const records = trusted(payload.isArray ? '_to_recordset' : '_to_record');
  return sql`pg_catalog.${kind}${records}(${json}) as pgrst_body(${join(typed, ', ')})`;
}

/** As many rows without columns as the body has objects. */
function emptyRows({ json, isArray }: Payload): Fragment {
  return isArray ? sql`pg_catalog.json_array_elements((${bound(json)})::pg_catalog.json) as pgrst_body` : sql`(values (1)) as pgrst_body`;
}

/** Defaults laid under every object. A default is an expression of the catalogue, evaluated for each row. */
function withDefaults({ columns, json, isArray }: Payload): Fragment {
  const defaults = columns
    .filter((column) => column.default !== null)
    .map((column) => sql`${bound(column.name)}, ${trusted(column.default ?? 'null')}`);
  const under = sql`pg_catalog.jsonb_build_object(${join(defaults, ', ')})`;
  if (!isArray) return sql`${under} || (${bound(json)})::pg_catalog.jsonb`;
  const elements = sql`pg_catalog.jsonb_array_elements((${bound(json)})::pg_catalog.jsonb)`;
  return sql`(select pg_catalog.jsonb_agg(${under} || element) from ${elements} element)`;
}

function conflictSql({ columns }: Payload, conflict: Conflict | null): Fragment {
  if (conflict === null || conflict.columns.length === 0) return empty;
  const target = sql` (${join(conflict.columns.map((name) => ident(name)), ', ')})`;
  if (conflict.resolution === 'ignore-duplicates' || columns.length === 0) return sql` on conflict${target} do nothing`;
  const settings = columns.map(({ name }) => sql`${ident(name)} = excluded.${ident(name)}`);
  // The condition is always true; evaluating it counts the row.
  const counting = sql`pg_catalog.set_config('pgrst.merged', (${MERGED_ROWS}::int + 1)::text, true) <> ''`;
  return sql` on conflict${target} do update set ${join(settings, ', ')} where ${counting}`;
}
