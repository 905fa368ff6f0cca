import type { Tx } from '../../database/database.ts';
import { shapeOf, type Shape } from './shapes.ts';
import { tableView, type TableView } from './tableView.ts';

/** A column as subscribers see it. */
interface Column {
  name: string;
  /** `pg_type.typname`, as in frames: `int8`, `_text`, `mood`. */
  type: string;
}

/** What is known of a table while no DDL touches it. */
export interface TableInfo {
  relid: number;
  schema: string;
  name: string;
  rowSecurity: boolean;
  primaryKey: ReadonlySet<string>;
  /** In the table's order. */
  columns: readonly Column[];
  /** Stands for the columns' names: a row that was captured with the same mark has these columns. */
  columnsMark: string;
  /** Types of columns by name as SQL writes them: `bigint`, `text[]`, `public.mood`. */
  types: ReadonlyMap<string, string>;
  /** How columns' values appear, where that is otherwise than they are captured. */
  shapes: ReadonlyMap<string, Shape>;
}

interface DescribedTable {
  schema_name: string;
  table_name: string;
  row_security: boolean;
  key_columns: string[];
  columns_mark: string;
  column_names: string[];
  column_types: string[];
  sql_types: string[];
}

/** Whose view of a table: what a watcher knows of itself. */
export interface Viewer {
  /** Viewers with equal keys see the same. */
  viewKey: string;
  reader: { role: string };
  select: readonly string[] | null;
}

/** Remembers tables and what is seen of them until it is to be forgotten, for any DDL or grant. */
export class TableCache {
  readonly #db: Tx;
  // Replaced, not cleared: what was asked before belongs to what was known then.
  #tables = new Map<number, TableInfo | null>();
  #views = new Map<TableInfo, Map<string, TableView>>();

  constructor(db: Tx) {
    this.#db = db;
  }

  /** Forgets everything. */
  forget(): void {
    this.#tables = new Map();
    this.#views = new Map();
  }

  /** The table if it is known, `null` if it is known to be dropped. */
  known(relid: number): TableInfo | null | undefined {
    return this.#tables.get(relid);
  }

  /** The table, or `null` once it is dropped. */
  async table(relid: number): Promise<TableInfo | null> {
    const tables = this.#tables;
    const known = tables.get(relid);
    if (known !== undefined) return known;
    const [row] = await this.#db.query<DescribedTable>('select * from realtime_changes.describe($1)', [relid]);
    const table = row === undefined ? null : tableFrom(relid, row);
    tables.set(relid, table);
    return table;
  }

  /** What a viewer sees of a table, if it is known. */
  knownView(table: TableInfo, { viewKey }: Viewer): TableView | undefined {
    return this.#views.get(table)?.get(viewKey);
  }

  /** What a viewer sees of a table: nothing if its role is gone. */
  async view(table: TableInfo, { viewKey, reader, select }: Viewer): Promise<TableView> {
    const views = this.#views.get(table) ?? new Map<string, TableView>();
    this.#views.set(table, views);
    const known = views.get(viewKey);
    if (known !== undefined) return known;
    const sql = 'select realtime_changes.readable_columns($1, rolname) as columns from pg_roles where rolname = $2';
    const [row] = await this.#db.query<{ columns: string[] }>(sql, [table.relid, reader.role]);
    const view = tableView(table, { readable: new Set(row?.columns), select });
    views.set(viewKey, view);
    return view;
  }
}

function tableFrom(relid: number, row: DescribedTable): TableInfo {
  const columns = row.column_names.map((name, index) => ({ name, type: row.column_types[index] ?? '' }));
  const shapes = new Map<string, Shape>();
  for (const { name, type } of columns) {
    const shape = shapeOf(type);
    if (shape !== undefined) shapes.set(name, shape);
  }
  return {
    relid,
    schema: row.schema_name,
    name: row.table_name,
    rowSecurity: row.row_security,
    primaryKey: new Set(row.key_columns),
    columns,
    columnsMark: row.columns_mark,
    types: new Map(row.column_names.map((name, index) => [name, row.sql_types[index] ?? ''])),
    shapes,
  };
}
