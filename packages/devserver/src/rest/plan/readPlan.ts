import type { ColumnItem, EmbedItem, Logic, OrderTerm } from '../grammar/ast.ts';
import { noRelationship, notEmbedded, spreadNotToOne } from '../http/errors.ts';
import type { Column, Schema, Table } from '../schema/model.ts';
import { findRelationship, isToOne, type Relationship } from '../schema/relationships.ts';
import { samePath, type EmbedPath, type QueryParameters } from './queryParameters.ts';
import type { RowRange } from './range.ts';

/** One resource of a request with everything that shapes its rows. */
export interface ReadPlan {
  /** The name its rows have in SQL. */
  readonly alias: string;
  /** Columns whose types are known; others are compared as text. */
  readonly columns: ReadonlyMap<string, Column>;
  readonly items: readonly PlannedItem[];
  readonly where: readonly Logic[];
  readonly order: readonly OrderTerm[];
  readonly range: RowRange;
}

/** A resource embedded in another, with the way to it. */
export interface EmbedPlan {
  readonly kind: 'embed';
  /** Its key in the parent's JSON, and its name in filters. */
  readonly key: string;
  readonly item: EmbedItem;
  readonly relationship: Relationship;
  readonly plan: ReadPlan;
}

export type PlannedItem = { readonly kind: 'star' } | ColumnItem | EmbedPlan;

/** Where rows of the root come from: a table, or a function that returns rows. */
export interface RootSource {
  readonly alias: string;
  readonly columns: readonly Column[];
  /** The table whose foreign keys serve embedding; null when rows are of no table. */
  readonly table: Table | null;
}

/**
 * Resolves what a query string asks of a resource against the schema.
 * @throws ApiError PGRST108, PGRST119, PGRST200, PGRST201.
 */
export function planRead(schema: Schema, root: RootSource, query: QueryParameters, range: RowRange): ReadPlan {
  const items = query.select.length === 0 ? [{ kind: 'star' as const }] : query.select;
  const planner = new Planner(schema, query);
  const plan = planner.plan({ ...root, items, path: [], range });
  planner.assertEveryPathPlanned();
  return plan;
}

interface Node extends RootSource {
  readonly items: readonly (ColumnItem | EmbedItem | { readonly kind: 'star' })[];
  readonly path: EmbedPath;
  readonly range: RowRange;
}

/** Walks the tree of `select` once, giving every embedded resource its own name in SQL. */
class Planner {
  #embedded = 0;
  readonly #planned: EmbedPath[] = [];

  constructor(
    readonly schema: Schema,
    readonly query: QueryParameters,
  ) {}

  plan({ alias, columns, table, items, path, range }: Node): ReadPlan {
    this.#planned.push(path);
    return {
      alias,
      columns: new Map(columns.map((column) => [column.name, column])),
      items: items.map((item) => (item.kind === 'embed' ? this.#planEmbed(item, table, alias, path) : item)),
      where: this.query.where.filter((entry) => samePath(entry.path, path)).map(({ value }) => value),
      order: this.query.order.filter((entry) => samePath(entry.path, path)).flatMap(({ value }) => value),
      range,
    };
  }

  /** A filter on something that `select` does not embed would silently do nothing, so it is refused. */
  assertEveryPathPlanned(): void {
    const { where, order, limit, offset } = this.query;
    for (const { path } of [...where, ...order, ...limit, ...offset]) {
      const known = this.#planned.some((planned) => samePath(planned, path));
      if (!known) throw notEmbedded(path.at(-1) ?? '');
    }
  }

  #planEmbed(item: EmbedItem, parent: Table | null, parentName: string, parentPath: EmbedPath): EmbedPlan {
    if (parent === null) throw noRelationship({ schema: this.schema.name, parent: parentName, child: item.relation, using: item.hint, suggestion: null });
    const relationship = findRelationship(this.schema, parent, item.relation, item.hint);
    if (item.spread && !isToOne(relationship)) {
      throw spreadNotToOne(parent.name, item.relation);
    }
    const key = item.alias ?? item.relation;
    const path = [...parentPath, key];
    const { table } = relationship;
    this.#embedded += 1;
    const plan = this.plan({
      alias: `${table.name}_${this.#embedded}`,
      columns: table.columns,
      table,
      items: item.items,
      path,
      range: rangeAt(this.query, path),
    });
    return { kind: 'embed', key, item, relationship, plan };
  }
}

/** The rows that `limit` and `offset` ask for at one path. */
export function rangeAt(query: QueryParameters, path: EmbedPath): RowRange {
  return {
    offset: query.offset.find((entry) => samePath(entry.path, path))?.value ?? 0,
    limit: query.limit.find((entry) => samePath(entry.path, path))?.value ?? null,
  };
}

/** The embedded resource that a name in `order` or a filter means; undefined when it names a column. */
export function embedNamed(plan: ReadPlan, name: string): EmbedPlan | undefined {
  return plan.items.find((item): item is EmbedPlan => item.kind === 'embed' && item.key === name);
}

/** Columns of the root that SQL must have at hand: selected, ordered by, joined on. `null` means all of them. */
export function neededColumns(plan: ReadPlan): string[] | null {
  // A computed relationship is given the whole row.
  if (plan.items.some((item) => item.kind === 'star' || (item.kind === 'embed' && item.relationship.call !== null))) return null;
  const selected = plan.items.flatMap((item) => {
    if (item.kind === 'column') return [item.field.name];
    return item.kind === 'embed' ? item.relationship.pairs.map(([parent]) => parent) : [];
  });
  const ordered = plan.order.filter(({ relation }) => relation === null).map(({ field }) => field.name);
  return [...new Set([...selected, ...ordered])];
}
