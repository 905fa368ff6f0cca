import type { AggregateItem, ColumnItem, EmbedItem, Logic, OrderTerm, SelectItem } from '../grammar/ast.ts';
import { aggregateInArrays, aggregatesNotAllowed, noRelationship, notEmbedded } from '../http/errors.ts';
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
  /** Whether its columns become the parent's, and its aggregates the parent's to compute: of a spread row. */
  readonly isSpreadRow: boolean;
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

export type PlannedItem = { readonly kind: 'star' } | ColumnItem | AggregateItem | EmbedPlan;

/** Where rows of the root come from: a table, or a function that returns rows. */
export interface RootSource {
  readonly alias: string;
  readonly columns: readonly Column[];
  /** The table whose foreign keys serve embedding; null when rows are of no table. */
  readonly table: Table | null;
}

/**
 * Resolves what a query string asks of a resource against the schema.
 * @throws ApiError PGRST108, PGRST123, PGRST127, PGRST200, PGRST201.
 */
export function planRead(schema: Schema, root: RootSource, query: QueryParameters, { range, aggregates }: ReadOptions): ReadPlan {
  const items = query.select.length === 0 ? [{ kind: 'star' as const }] : query.select;
  if (!aggregates && items.some(hasAggregate)) throw aggregatesNotAllowed();
  const planner = new Planner(schema, query, root.alias);
  const plan = planner.plan({ ...root, items, path: [], range, isSpreadRow: false });
  planner.assertEveryPathPlanned();
  return plan;
}

/** What of a read is not in its query string. */
interface ReadOptions {
  readonly range: RowRange;
  /** Whether aggregates are allowed. */
  readonly aggregates: boolean;
}

interface Node extends RootSource {
  readonly items: readonly SelectItem[];
  readonly isSpreadRow: boolean;
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
    readonly rootAlias: string,
  ) {}

  plan({ alias, columns, table, items, path, range, isSpreadRow }: Node): ReadPlan {
    this.#planned.push(path);
    return {
      alias,
      columns: new Map(columns.map((column) => [column.name, column])),
      items: items.map((item) => (item.kind === 'embed' ? this.#planEmbed(item, table, alias, path) : item)),
      where: this.query.where.filter((entry) => samePath(entry.path, path)).map(({ value }) => value),
      order: this.query.order.filter((entry) => samePath(entry.path, path)).flatMap(({ value }) => value),
      range,
      isSpreadRow,
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
    if (item.spread && !isToOne(relationship) && item.items.some(isAggregateOrSpread)) throw aggregateInArrays();
    const key = item.alias ?? item.relation;
    const path = [...parentPath, key];
    const { table } = relationship;
    const plan = this.plan({
      alias: this.#nextAlias(table.name),
      columns: table.columns,
      table,
      items: item.items,
      path,
      range: rangeAt(this.query, path),
      isSpreadRow: item.spread && isToOne(relationship),
    });
    return { kind: 'embed', key, item, relationship, plan };
  }

  /** `books_1`, unless the root is called so. */
  #nextAlias(table: string): string {
    this.#embedded += 1;
    const alias = `${table}_${this.#embedded}`;
    return alias === this.rootAlias ? this.#nextAlias(table) : alias;
  }
}

function hasAggregate(item: SelectItem): boolean {
  return item.kind === 'aggregate' || (item.kind === 'embed' && item.items.some(hasAggregate));
}

/** Whether an aggregate is computed where the item is selected, rather than inside a resource of its own. */
function isAggregateOrSpread(item: SelectItem): boolean {
  return item.kind === 'aggregate' || (item.kind === 'embed' && item.spread && item.items.some(isAggregateOrSpread));
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
    if (item.kind === 'aggregate') return item.field === null ? [] : [item.field.name];
    return item.kind === 'embed' ? item.relationship.pairs.map(([parent]) => parent) : [];
  });
  const ordered = plan.order.filter(({ relation }) => relation === null).map(({ field }) => field.name);
  return [...new Set([...selected, ...ordered])];
}
