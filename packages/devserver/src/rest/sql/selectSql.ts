import type { AggregateItem } from '../grammar/ast.ts';
import type { EmbedPlan, PlannedItem, ReadPlan } from '../plan/readPlan.ts';
import { isToOne } from '../schema/relationships.ts';
import { fieldKey, fieldSql } from './fieldSql.ts';
import { empty, ident, join, sql, trusted, type Fragment } from './fragment.ts';

/** One column of a select list. */
interface Output {
  readonly name: string;
  readonly value: Fragment;
  /** Set when `value` is still to be aggregated. */
  readonly aggregate: AggregateItem | null;
}

/** What stands between `select` and `from`. */
export function selectListSql(plan: ReadPlan): Fragment {
  if (isAggregated(plan)) return join(outputsOf(plan).map(aggregatedSql), ', ', sql`1`);
  const items = plan.items.flatMap((item): Fragment[] => {
    // Stars stay stars: Postgres knows the columns of rows that no table has.
    if (item.kind === 'star') return [sql`${ident(plan.alias)}.*`];
    if (item.kind === 'embed' && isSpreadRow(item)) return item.plan.items.length === 0 ? [] : [sql`${ident(item.plan.alias)}.*`];
    return itemOutputs(plan, item).map(({ name, value }) => sql`${value} as ${ident(name)}`);
  });
  return join(items, ', ', sql`1`);
}

/** ` group by …` everything that is not aggregated; nothing where nothing is. */
export function groupSql(plan: ReadPlan): Fragment {
  if (!isAggregated(plan)) return empty;
  const groups = outputsOf(plan).filter(({ aggregate }) => aggregate === null);
  return groups.length === 0 ? empty : sql` group by ${join(groups.map(({ value }) => value), ', ')}`;
}

/** Names of the columns that a plan's rows have. */
export function outputNames(plan: ReadPlan): string[] {
  return outputsOf(plan).map(({ name }) => name);
}

/** Aggregates of a spread row are its parent's to compute. */
function isAggregated(plan: ReadPlan): boolean {
  return !plan.isSpreadRow && outputsOf(plan).some(({ aggregate }) => aggregate !== null);
}

function outputsOf(plan: ReadPlan): Output[] {
  return plan.items.flatMap((item) => itemOutputs(plan, item));
}

function itemOutputs(plan: ReadPlan, item: PlannedItem): Output[] {
  switch (item.kind) {
    case 'star':
      return [...plan.columns.keys()].map((name) => ({ name, value: ident(plan.alias, name), aggregate: null }));
    case 'column': {
      const value = castSql(fieldSql(plan, item.field).sql, item.cast);
      // Without an alias Postgres would call the value of a JSON path "?column?".
      return [{ name: item.alias ?? fieldKey(item.field), value, aggregate: null }];
    }
    case 'aggregate': {
      const value = item.field === null ? sql`1` : castSql(fieldSql(plan, item.field).sql, item.fieldCast);
      return [{ name: item.alias ?? item.aggregate, value, aggregate: item }];
    }
    case 'embed':
      return embedOutputs(item);
  }
}

/** An embedded resource without columns only joins: `author!inner()` filters and shows nothing. */
function embedOutputs({ key, item, plan, relationship }: EmbedPlan): Output[] {
  if (plan.items.length === 0) return [];
  const alias = ident(plan.alias);
  const isRow = isToOne(relationship);
  if (item.spread && isRow) return outputsOf(plan).map(({ name, aggregate }) => ({ name, value: ident(plan.alias, name), aggregate }));
  if (item.spread) return outputNames(plan).map((name) => ({ name, value: arraySql(ident(plan.alias, name)), aggregate: null }));
  // Only jsonb can be grouped by.
  const value = isRow ? sql`pg_catalog.row_to_json(${alias}.*)::pg_catalog.jsonb` : arraySql(sql`${alias}.${alias}`);
  return [{ name: key, value, aggregate: null }];
}

function arraySql(array: Fragment): Fragment {
  return sql`coalesce(${array}, '[]')`;
}

function aggregatedSql({ name, value, aggregate }: Output): Fragment {
  if (aggregate === null) return sql`${value} as ${ident(name)}`;
  return sql`${castSql(sql`pg_catalog.${trusted(aggregate.aggregate)}(${value})`, aggregate.cast)} as ${ident(name)}`;
}

function castSql(value: Fragment, type: string | null): Fragment {
  return type === null ? value : sql`cast(${value} as ${trusted(type)})`;
}

function isSpreadRow({ item, relationship }: EmbedPlan): boolean {
  return item.spread && isToOne(relationship);
}
