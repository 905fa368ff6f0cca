import { ambiguousRelationship, noRelationship } from '../http/errors.ts';
import type { ForeignKey, Routine, Schema, Table } from './model.ts';
import { similarName } from './similar.ts';

/** Columns of the parent and the child that must be equal, in pairs. */
export type ColumnPairs = readonly (readonly [parent: string, child: string])[];

/** How rows of a parent table lead to rows of an embedded one. */
export interface Relationship {
  readonly cardinality: 'many-to-one' | 'one-to-one' | 'one-to-many' | 'many-to-many';
  readonly table: Table;
  /** Parent to child; of many-to-many, parent to junction. */
  readonly pairs: ColumnPairs;
  /** The table between, of many-to-many only. */
  readonly junction: { readonly table: Table; readonly pairs: ColumnPairs } | null;
  /** The function that gives the rows of one row of the parent, of computed relationships only. */
  readonly call: Routine | null;
  /** Words that select this relationship after `!`. */
  readonly hints: readonly string[];
  /** What PGRST201 says of it. */
  readonly description: string;
}

/**
 * Finds the one relationship behind `relation!hint(…)` in `parent`. `relation` names a function of the parent's row, a
 * table, a foreign key, or the column that holds one.
 * @throws ApiError PGRST200 when there is none, PGRST201 when there are several.
 */
export function findRelationship(schema: Schema, parent: Table, relation: string, hint: string | null): Relationship {
  const computed = computedBy(schema, parent, relation);
  if (computed !== null) return computed;
  const candidates = [...toOne(schema, parent, relation), ...toMany(schema, parent, relation), ...throughJunction(schema, parent, relation)];
  const matching = hint === null ? candidates : candidates.filter((candidate) => candidate.hints.includes(hint));
  const chosen = matching.length > 1 ? withoutSelfReference(matching, parent) : matching;
  const [only, ...others] = chosen;
  if (only === undefined) throw noRelationship({ schema: schema.name, parent: parent.name, child: relation, using: hint, suggestion: suggestionFor(schema, parent, relation) });
  if (others.length > 0) throw ambiguousRelationship(parent.name, relation, chosen);
  return only;
}

/** Whether an embedded row is one object, rather than an array of them. */
export function isToOne({ cardinality }: Relationship): boolean {
  return cardinality === 'many-to-one' || cardinality === 'one-to-one';
}

/** A key from a table to itself is seen from both ends; its name alone means the rows that point here. */
function withoutSelfReference(matching: readonly Relationship[], parent: Table): readonly Relationship[] {
  if (matching.some(({ table }) => table.name !== parent.name)) return matching;
  const children = matching.filter((candidate) => !isToOne(candidate));
  return children.length === 1 ? children : matching;
}

/** `create function written(authors) returns setof books`: each author's row leads to what the function makes of it. */
function computedBy(schema: Schema, parent: Table, relation: string): Relationship | null {
  const isOfParent = ({ arguments: [only, ...others] }: Routine) => others.length === 0 && only?.type.schema === parent.schema && only.type.name === parent.name;
  const call = schema.routines.get(relation)?.find((routine) => routine.returnsTable !== null && isOfParent(routine));
  const table = schema.tables.get(call?.returnsTable ?? '');
  if (call === undefined || table === undefined) return null;
  return { cardinality: call.returnsOne ? 'many-to-one' : 'one-to-many', table, pairs: [], junction: null, call, hints: [], description: relation };
}

/** The name nearest to one that leads nowhere; another parent's, when nothing is related to this one. */
function suggestionFor({ foreignKeys }: Schema, parent: Table, relation: string): string | null {
  const children = foreignKeys.flatMap((key) => [...(key.table === parent.name ? [key.foreignTable] : []), ...(key.foreignTable === parent.name ? [key.table] : [])]);
  const [wrong, names] = children.length > 0 ? [relation, children] : [parent.name, foreignKeys.map(({ table }) => table)];
  const similar = similarName(wrong, names);
  return similar === null || similar === wrong ? null : `Perhaps you meant '${similar}' instead of '${wrong}'.`;
}

function toOne(schema: Schema, parent: Table, relation: string): Relationship[] {
  return schema.foreignKeys
    .filter((key) => key.table === parent.name)
    .flatMap((key) => {
      const table = schema.tables.get(key.foreignTable);
      if (table === undefined || !isNamedBy(relation, table, [key.constraint, onlyColumn(key)])) return [];
      return {
        cardinality: key.isUnique ? ('one-to-one' as const) : ('many-to-one' as const),
        table,
        pairs: zip(key.columns, key.foreignColumns),
        junction: null,
        call: null,
        hints: compact([key.constraint, onlyColumn(key), key.foreignColumns.length === 1 ? key.foreignColumns[0] : undefined]),
        description: `${key.constraint} using ${columnList(parent.name, key.columns)} and ${columnList(table.name, key.foreignColumns)}`,
      };
    });
}

function toMany(schema: Schema, parent: Table, relation: string): Relationship[] {
  return schema.foreignKeys
    .filter((key) => key.foreignTable === parent.name)
    .flatMap((key) => {
      const table = schema.tables.get(key.table);
      if (table === undefined || !isNamedBy(relation, table, [key.constraint])) return [];
      return {
        cardinality: key.isUnique ? ('one-to-one' as const) : ('one-to-many' as const),
        table,
        pairs: zip(key.foreignColumns, key.columns),
        junction: null,
        call: null,
        hints: compact([key.constraint, onlyColumn(key)]),
        description: `${key.constraint} using ${columnList(parent.name, key.foreignColumns)} and ${columnList(table.name, key.columns)}`,
      };
    });
}

/** A junction is a table whose primary key holds a key to the parent and another to the child. */
function throughJunction(schema: Schema, parent: Table, relation: string): Relationship[] {
  const table = schema.tables.get(relation);
  if (table === undefined) return [];
  return schema.foreignKeys.flatMap((near) =>
    schema.foreignKeys.flatMap((far) => {
      const junction = schema.tables.get(near.table);
      if (near.constraint === far.constraint || far.table !== near.table || near.foreignTable !== parent.name || far.foreignTable !== relation) return [];
      if (junction === undefined || ![...near.columns, ...far.columns].every((name) => junction.primaryKey.includes(name))) return [];
      return {
        cardinality: 'many-to-many' as const,
        table,
        pairs: zip(near.foreignColumns, near.columns),
        junction: { table: junction, pairs: zip(far.columns, far.foreignColumns) },
        call: null,
        hints: [junction.name],
        description: `${junction.name} using ${near.constraint}(${near.columns.join(', ')}) and ${far.constraint}(${far.columns.join(', ')})`,
      };
    }),
  );
}

function onlyColumn(key: ForeignKey): string | undefined {
  return key.columns.length === 1 ? key.columns[0] : undefined;
}

/** A relation by its own name; a table by that of a key or column too, which a view only shows. */
function isNamedBy(name: string, { name: own, isView }: Table, others: readonly (string | undefined)[]): boolean {
  return name === own || (!isView && others.includes(name));
}

function zip(left: readonly string[], right: readonly string[]): ColumnPairs {
  return left.flatMap((name, index) => {
    const other = right[index];
    return other === undefined ? [] : [[name, other] as const];
  });
}

function compact(names: readonly (string | undefined)[]): string[] {
  return names.filter((name) => name !== undefined);
}

function columnList(table: string, columns: readonly string[]): string {
  return `${table}(${columns.join(', ')})`;
}
