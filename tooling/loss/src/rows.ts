/** A row of `items`, as far as it is compared: what a user would see. */
export interface Row {
  readonly id: string;
  readonly owner: string;
  readonly title: string;
  readonly amount: number;
}

/** Rows by key. */
export type Rows = ReadonlyMap<string, Row>;

/** Columns every subject reads. */
export const COLUMNS = ['id', 'owner', 'title', 'amount'] as const;

/** How what somebody shows differs from the table. */
export interface Difference {
  /** In the table, not shown. */
  missing: number;
  /** Shown, not in the table. */
  ghosts: number;
  /** Shown with other values. */
  stale: number;
}

/** Compares what is shown with the table. */
export function differenceOf(shown: Rows, table: Rows): Difference {
  const difference = { missing: 0, ghosts: 0, stale: 0 };
  for (const [id, row] of table) {
    const mine = shown.get(id);
    if (mine === undefined) difference.missing += 1;
    else if (!sameRow(mine, row)) difference.stale += 1;
  }
  for (const id of shown.keys()) if (!table.has(id)) difference.ghosts += 1;
  return difference;
}

/** Rows missing, wrong or too many. */
export function wrongRows({ missing, ghosts, stale }: Difference): number {
  return missing + ghosts + stale;
}

/** Rows as a map by their key. */
export function byId(rows: Iterable<Row>): Map<string, Row> {
  return new Map(Array.from(rows, (row) => [row.id, row]));
}

function sameRow(a: Row, b: Row): boolean {
  return COLUMNS.every((column) => a[column] === b[column]);
}
