import type { OrderTerm } from '../grammar/ast.ts';
import { notEmbedded, relatedOrderNotToOne } from '../http/errors.ts';
import { embedNamed, type EmbedPlan, type ReadPlan } from '../plan/readPlan.ts';
import type { RowRange } from '../plan/range.ts';
import { isToOne, type ColumnPairs } from '../schema/relationships.ts';
import { fieldSql } from './fieldSql.ts';
import { whereSql } from './filterSql.ts';
import { empty, ident, integer, join, sql, trusted, type Fragment } from './fragment.ts';
import { groupSql, outputNames, selectListSql } from './selectSql.ts';

/** `select … from <source> as <alias> … where … order by … limit …`. `source` is a table or a common table expression. */
export function readSql(plan: ReadPlan, source: Fragment, joinConditions: readonly Fragment[] = []): Fragment {
  const rows = sql`from ${source} as ${ident(plan.alias)}${joinsSql(plan)}${whereSql(plan, joinConditions)}`;
  return sql`select ${selectListSql(plan)} ${rows}${groupSql(plan)}${orderSql(plan)}${rangeSql(plan.range)}`;
}

/** One row per row that {@link readSql} would give without a limit; for counting. */
export function countedSql(plan: ReadPlan, source: Fragment): Fragment {
  return sql`select 1 from ${source} as ${ident(plan.alias)}${joinsSql(plan)}${whereSql(plan)}`;
}

/** ` limit … offset …`, or nothing. */
export function rangeSql({ offset, limit }: RowRange): Fragment {
  const limiting = limit === null ? empty : sql` limit ${integer(limit)}`;
  return offset === 0 ? limiting : sql`${limiting} offset ${integer(offset)}`;
}

function joinsSql(plan: ReadPlan): Fragment {
  return join(
    plan.items.filter((item) => item.kind === 'embed').map((embed) => joinSql(plan, embed)),
    '',
  );
}

function joinSql(parent: ReadPlan, { item, plan, relationship }: EmbedPlan): Fragment {
  const alias = ident(plan.alias);
  const kind = trusted(item.join === 'inner' ? ' inner' : ' left');
  const rows = readSql(plan, embedSource(parent, plan, relationship), linkSql(parent, plan, relationship));
  if (isToOne(relationship)) return sql`${kind} join lateral (${rows}) as ${alias} on true`;
  // A spread makes an array of each column beside the one of the rows, which tells whether there are any.
  const columns = item.spread ? outputNames(plan).map((name) => arrayOf(ident(plan.alias, name), ident(name))) : [];
  const array = sql`select ${join([arrayOf(sql`${alias}.*`, alias), ...columns], ', ')} from (${rows}) as ${alias}`;
  const condition = item.join === 'inner' ? sql`${alias}.${alias} is not null` : sql`true`;
  return sql`${kind} join lateral (${array}) as ${alias} on ${condition}`;
}

function arrayOf(value: Fragment, name: Fragment): Fragment {
  return sql`pg_catalog.json_agg(${value})::pg_catalog.jsonb as ${name}`;
}

function junctionAlias(plan: ReadPlan): string {
  return `${plan.alias}_junction`;
}

/** The junction comes first, so that the child's alias is the last word and ends the `from` of {@link readSql}. */
function embedSource(parent: ReadPlan, plan: ReadPlan, { table, junction, call }: EmbedPlan['relationship']): Fragment {
  // The parent may be rows of a statement, which have a type without a name until they are cast to it.
  const [row] = call?.arguments ?? [];
  if (call !== null && row !== undefined) return sql`${ident(call.schema, call.name)}((${ident(parent.alias)}.*)::${ident(row.type.schema, row.type.name)})`;
  const child = ident(table.schema, table.name);
  if (junction === null) return child;
  return sql`${ident(junction.table.schema, junction.table.name)} as ${ident(junctionAlias(plan))}, ${child}`;
}

function linkSql(parent: ReadPlan, child: ReadPlan, { pairs, junction }: EmbedPlan['relationship']): Fragment[] {
  if (junction === null) return equal(parent.alias, child.alias, pairs);
  const between = junctionAlias(child);
  return [...equal(parent.alias, between, pairs), ...equal(between, child.alias, junction.pairs)];
}

function equal(left: string, right: string, pairs: ColumnPairs): Fragment[] {
  return pairs.map(([leftColumn, rightColumn]) => sql`${ident(right, rightColumn)} = ${ident(left, leftColumn)}`);
}

function orderSql(plan: ReadPlan): Fragment {
  if (plan.order.length === 0) return empty;
  return sql` order by ${join(plan.order.map((term) => orderTermSql(plan, term)), ', ')}`;
}

function orderTermSql(plan: ReadPlan, { relation, field, direction, nulls }: OrderTerm): Fragment {
  const value = fieldSql(relation === null ? plan : orderedEmbed(plan, relation), field).sql;
  const words = [direction, nulls === null ? null : nulls === 'nullsfirst' ? 'nulls first' : 'nulls last'];
  return sql`${value}${trusted(words.filter((word) => word !== null).map((word) => ` ${word}`).join(''))}`;
}

function orderedEmbed(plan: ReadPlan, relation: string): ReadPlan {
  const embed = embedNamed(plan, relation);
  if (embed === undefined) throw notEmbedded(relation);
  if (!isToOne(embed.relationship)) throw relatedOrderNotToOne(plan.alias, relation);
  return embed.plan;
}
