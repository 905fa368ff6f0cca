import type { Tx } from '../../database/database.ts';

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
  /** Types of columns by name as SQL writes them: `bigint`, `text[]`, `public.mood`. */
  types: ReadonlyMap<string, string>;
}

interface DescribedTable {
  schema_name: string;
  table_name: string;
  row_security: boolean;
  key_columns: string[];
  column_names: string[];
  column_types: string[];
  sql_types: string[];
}

/** Remembers tables and privileges until they are to be forgotten, for any DDL or grant. */
export class TableCache {
  readonly #db: Tx;
  readonly #tables = new Map<number, TableInfo | null>();
  readonly #readable = new Map<string, ReadonlySet<string>>();

  constructor(db: Tx) {
    this.#db = db;
  }

  /** Forgets everything. */
  forget(): void {
    this.#tables.clear();
    this.#readable.clear();
  }

  /** The table, or `null` once it is dropped. */
  async table(relid: number): Promise<TableInfo | null> {
    const known = this.#tables.get(relid);
    if (known !== undefined) return known;
    const [row] = await this.#db.query<DescribedTable>('select * from realtime_changes.describe($1)', [relid]);
    const table = row === undefined ? null : tableFrom(relid, row);
    this.#tables.set(relid, table);
    return table;
  }

  /** Columns a role may select; none if the role is gone. */
  async readableColumns(relid: number, role: string): Promise<ReadonlySet<string>> {
    const key = `${relid} ${role}`;
    const known = this.#readable.get(key);
    if (known !== undefined) return known;
    const sql = 'select realtime_changes.readable_columns($1, rolname) as columns from pg_roles where rolname = $2';
    const [row] = await this.#db.query<{ columns: string[] }>(sql, [relid, role]);
    const columns = new Set(row?.columns);
    this.#readable.set(key, columns);
    return columns;
  }
}

function tableFrom(relid: number, row: DescribedTable): TableInfo {
  return {
    relid,
    schema: row.schema_name,
    name: row.table_name,
    rowSecurity: row.row_security,
    primaryKey: new Set(row.key_columns),
    columns: row.column_names.map((name, index) => ({ name, type: row.column_types[index] ?? '' })),
    types: new Map(row.column_names.map((name, index) => [name, row.sql_types[index] ?? ''])),
  };
}
