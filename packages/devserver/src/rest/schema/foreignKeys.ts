import type { ForeignKey, Table } from './model.ts';
import type { ColumnRef, ViewColumns } from './viewColumns.ts';

/** A foreign key as the catalogue has it, of any schema. */
export interface CatalogueKey {
  readonly constraint: string;
  readonly table: number;
  readonly columns: readonly number[];
  readonly foreignTable: number;
  readonly foreignColumns: readonly number[];
  readonly isUnique: boolean;
}

/** A table or view of the exposed schema with what its keys are found by. */
export interface CatalogueTable extends Table {
  readonly oid: number;
  /** Names of columns by `attnum`. */
  readonly positions: Readonly<Record<string, string>>;
}

/** Where one end of a key shows: a relation and the names that the key's columns have there. */
interface End {
  readonly table: string;
  readonly columns: readonly string[];
}

/**
 * Foreign keys between what a schema exposes. A view that shows the columns of a key has it too, at either end, and the
 * tables beneath may be in schemas that are not exposed.
 */
export function foreignKeysOf(keys: readonly CatalogueKey[], tables: readonly CatalogueTable[], views: ReadonlyMap<number, ViewColumns>): ForeignKey[] {
  const endsAt = (relation: number, positions: readonly number[]): End[] =>
    tables.flatMap((table) => {
      const names = namesIn(table, views.get(table.oid), positions.map((position) => ({ relation, position })));
      return names === null ? [] : [{ table: table.name, columns: names }];
    });
  return keys.flatMap(({ constraint, isUnique, table, columns, foreignTable, foreignColumns }) =>
    endsAt(table, columns).flatMap((near) =>
      endsAt(foreignTable, foreignColumns).map((far) => ({
        constraint,
        isUnique,
        table: near.table,
        columns: near.columns,
        foreignTable: far.table,
        foreignColumns: far.columns,
      })),
    ),
  );
}

/** Columns of the primary key; of a view, those that show keys of the tables beneath, where it shows them whole. */
export function primaryKeyOf(table: CatalogueTable, view: ViewColumns | undefined, primaryKeys: readonly (readonly ColumnRef[])[]): string[] {
  return primaryKeys.flatMap((key) => namesIn(table, view, key) ?? []);
}

/** What a relation calls these columns; null when it does not show them all. */
function namesIn(table: CatalogueTable, view: ViewColumns | undefined, wanted: readonly ColumnRef[]): string[] | null {
  const names = wanted.map(({ relation, position }) => {
    const shownAt = view === undefined ? (table.oid === relation ? position : undefined) : positionOf(view, relation, position);
    return shownAt === undefined ? undefined : table.positions[shownAt];
  });
  return names.every((name) => name !== undefined) ? names : null;
}

function positionOf(view: ViewColumns, relation: number, position: number): number | undefined {
  return [...view].find(([, column]) => column.relation === relation && column.position === position)?.[0];
}
