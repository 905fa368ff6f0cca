import type { TableInfo } from './tableInfo.ts';

/** What one group of subscribers sees of a table's changes, worked out once. */
export interface TableView {
  /** Columns that are shown. */
  seen: ReadonlySet<string>;
  /** Whether these are all there are. */
  whole: boolean;
  /** Why nothing but the fact of a change is told; never of a delete. */
  refusal: string | null;
  /** Parts of the `data` object that every change has: the table's name, its schema, the columns. */
  tableJson: string;
  schemaJson: string;
  columnsJson: string;
}

/** What may be seen of a table. */
export interface Sight {
  /** Columns the role may select. */
  readable: ReadonlySet<string>;
  /** Columns asked for besides the primary key; `null` for all. */
  select: readonly string[] | null;
}

/** Works out what is seen of a table. */
export function tableView(table: TableInfo, sight: Sight): TableView {
  const { columns, name, schema } = table;
  const shown = columns.filter((column) => isSeen(column.name, table, sight));
  return {
    seen: new Set(shown.map((column) => column.name)),
    whole: shown.length === columns.length,
    refusal: refusalOf(table, sight),
    tableJson: JSON.stringify(name),
    schemaJson: JSON.stringify(schema),
    columnsJson: `[${shown.map((column) => `{"name": ${JSON.stringify(column.name)}, "type": ${JSON.stringify(column.type)}}`).join(', ')}]`,
  };
}

function isSeen(column: string, { primaryKey }: TableInfo, { readable, select }: Sight): boolean {
  return readable.has(column) && (select === null || select.includes(column) || primaryKey.has(column));
}

function refusalOf({ primaryKey }: TableInfo, { readable }: Sight): string | null {
  if (primaryKey.size === 0) return 'Error 400: Bad Request, no primary key';
  if ([...primaryKey].some((column) => !readable.has(column))) return 'Error 401: Unauthorized';
  return null;
}
