import type { Tx } from '../../database/database.ts';
import type { Logger } from '../../logger.ts';
import type { Condition } from './condition.ts';
import type { Filter, FilterOperator } from './filter.ts';
import { rowText, type RowChange } from './rowChange.ts';
import type { TableInfo } from './tableInfo.ts';
import { loggable } from '../../errors.ts';

/** Conditions that are one expression, by their values. */
interface ConditionGroup {
  filter: Filter;
  byValue: Map<string, Condition>;
}

const INFIX: Readonly<Record<Exclude<FilterOperator, 'in' | 'is' | 'isdistinct'>, string>> = {
  eq: '=', neq: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=', like: '~~', ilike: '~~*', match: '~', imatch: '~*',
};

/**
 * Evaluates conditions of one table on changes, with the columns' Postgres types, in one statement; none where there
 * are no conditions.
 * @param asked per change the conditions to ask about it
 * @returns per change the keys of those that hold, and maybe of others that do
 */
export async function heldConditions({ db, logger }: { db: Tx; logger: Logger }, table: TableInfo, changes: readonly RowChange[], asked: readonly (readonly Condition[])[]): Promise<readonly ReadonlySet<string>[]> {
  const positions = asked.flatMap((conditions, position) => (conditions.length > 0 ? [position] : []));
  const groups = groupConditions(asked);
  const held = changes.map((): ReadonlySet<string> => NOTHING);
  if (groups.length === 0) return held;
  const documents = positions.map((position) => rowText(changes[position]?.filtered ?? []));
  const evaluated = await evaluate({ db, logger, table }, documents, groups);
  positions.forEach((position, index) => (held[position] = evaluated[index] ?? NOTHING));
  return held;
}

const NOTHING: ReadonlySet<string> = new Set();

function groupConditions(asked: readonly (readonly Condition[])[]): ConditionGroup[] {
  const groups = new Map<string, ConditionGroup>();
  for (const conditions of asked) {
    for (const condition of conditions) {
      const group = groups.get(condition.groupKey) ?? { filter: condition.filter, byValue: new Map<string, Condition>() };
      groups.set(condition.groupKey, group);
      group.byValue.set(condition.filter.value, condition);
    }
  }
  return [...groups.values()];
}

/** Per document the keys of the conditions that hold on it. */
async function evaluate(context: { db: Tx; logger: Logger; table: TableInfo }, documents: readonly string[], groups: readonly ConditionGroup[]): Promise<ReadonlySet<string>[]> {
  const { db, logger, table } = context;
  // A condition on a column that is gone never holds.
  const known = groups.filter(({ filter }) => table.types.get(filter.column) !== undefined);
  if (known.length === 0) return documents.map(() => NOTHING);
  const conditions = known.map(({ byValue }) => [...byValue.values()]);
  try {
    const rows = await db.query<object>(statement(table, known), [documents, ...conditions.map((group) => group.map(({ filter }) => filter.value))]);
    return rows.map((row) => new Set(conditions.flatMap((group, index) => heldOrdinals(row, index).map((ordinal) => group[ordinal - 1]?.key ?? ''))));
  } catch (error) {
    if (known.length === 1) {
      logger.warn('a postgres_changes filter failed', { table: table.name, column: known[0]?.filter.column, error: loggable(error) });
      return documents.map(() => NOTHING);
    }
    // One of them fails, for example since its column changed type: it must not take the others with it.
    const each: ReadonlySet<string>[][] = [];
    for (const group of known) each.push(await evaluate(context, documents, [group]));
    return documents.map((_, index) => new Set(each.flatMap((held) => [...(held[index] ?? [])])));
  }
}

function heldOrdinals(row: object, index: number): number[] {
  // True by the statement: one array of ordinals per group.
  return (row as Record<string, number[] | null>)[`g${index}`] ?? [];
}

function statement(table: TableInfo, groups: readonly ConditionGroup[]): string {
  const columns = [...new Set(groups.map(({ filter }) => filter.column))];
  const typed = columns.map((column) => `${identifier(column)} ${table.types.get(column) ?? ''}`);
  const tests = groups.map(
    ({ filter }, index) =>
      `array(select v.i::int from unnest($${index + 2}::text[]) with ordinality v(value, i) where d.doc::jsonb ? ${literal(filter.column)} and ${condition(filter, table.types.get(filter.column) ?? '')}) as g${index}`,
  );
  return `select ${tests.join(', ')} from unnest($1::text[]) with ordinality d(doc, i), jsonb_to_record(d.doc::jsonb) as r(${typed.join(', ')}) order by d.i`;
}

/** One condition over the row `r` and the value `v.value`. */
function condition({ column, operator, value, negate }: Filter, type: string): string {
  const left = `r.${identifier(column)}`;
  const not = negate ? 'not ' : '';
  if (operator === 'is') return `${left} is ${not}${value === 'null' || value === 'true' || value === 'false' ? value : 'unknown'}`;
  // `is distinct from`, negated, is `is not distinct from`
  if (operator === 'isdistinct') return `${left} is ${not}distinct from v.value::${type}`;
  if (operator === 'in') return `${not}(${left} = any (v.value::${type}[]))`;
  return `${not}(${left} ${INFIX[operator]} v.value::${type})`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
