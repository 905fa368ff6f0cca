import type { Tx } from '../../database/database.ts';
import type { Logger } from '../../logger.ts';
import type { LoggedChange } from './changeLog.ts';
import type { Filter, FilterOperator } from './filter.ts';
import type { TableInfo } from './tableInfo.ts';

/** Conditions that differ in their value only, and are one expression over all values. */
interface ConditionGroup {
  filter: Filter;
  values: string[];
}

const INFIX: Readonly<Record<Exclude<FilterOperator, 'in' | 'is' | 'isdistinct'>, string>> = {
  eq: '=', neq: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=', like: '~~', ilike: '~~*', match: '~', imatch: '~*',
};

/**
 * Evaluates filters of one table on changes, with the columns' Postgres types, in one statement.
 * @returns per change a test of whether all of the given conditions hold
 */
export async function matchFilters(db: Tx, logger: Logger, table: TableInfo, changes: readonly LoggedChange[], filters: Iterable<readonly Filter[]>): Promise<((filters: readonly Filter[]) => boolean)[]> {
  const groups = groupConditions([...filters].flat());
  if (groups.size === 0) return changes.map(() => (conditions) => conditions.length === 0);
  const documents = changes.map(({ action, sent, record, oldRecord }) => (action === 'DELETE' ? oldRecord : (sent ?? record)) ?? '{}');
  const holding = await evaluate(db, logger, table, documents, [...groups.values()]);
  return holding.map((held) => (conditions) => conditions.every((condition) => held.has(conditionKey(condition))));
}

function groupConditions(filters: readonly Filter[]): Map<string, ConditionGroup> {
  const groups = new Map<string, ConditionGroup>();
  for (const filter of filters) {
    const key = groupKey(filter);
    const group = groups.get(key) ?? { filter, values: [] };
    if (!group.values.includes(filter.value)) group.values.push(filter.value);
    groups.set(key, group);
  }
  return groups;
}

/** Per document the keys of the conditions that hold on it. */
async function evaluate(db: Tx, logger: Logger, table: TableInfo, documents: readonly string[], groups: readonly ConditionGroup[]): Promise<ReadonlySet<string>[]> {
  // A condition on a column that is gone never holds.
  const known = groups.filter(({ filter }) => sqlType(table, filter.column) !== undefined);
  if (known.length === 0) return documents.map(() => new Set());
  try {
    const rows = await db.query<{ held: (number[] | null)[] }>(statement(table, known), [documents, ...known.map(({ values }) => values)]);
    return rows.map((row) => new Set(known.flatMap(({ filter, values }, index) => heldValues(row, index).map((at) => conditionKey({ ...filter, value: values[at - 1] ?? '' })))));
  } catch (error) {
    if (known.length === 1) {
      logger.warn('a postgres_changes filter failed', { table: table.name, column: known[0]?.filter.column, error: error instanceof Error ? error.message : String(error) });
      return documents.map(() => new Set());
    }
    // One of them fails, for example since its column changed type: it must not take the others with it.
    const each: ReadonlySet<string>[][] = [];
    for (const group of known) each.push(await evaluate(db, logger, table, documents, [group]));
    return documents.map((_, index) => new Set(each.flatMap((held) => [...(held[index] ?? [])])));
  }
}

function heldValues(row: object, index: number): number[] {
  return (row as Record<string, number[] | null>)[`g${index}`] ?? [];
}

function statement(table: TableInfo, groups: readonly ConditionGroup[]): string {
  const columns = [...new Set(groups.map(({ filter }) => filter.column))];
  const typed = columns.map((column) => `${identifier(column)} ${sqlType(table, column) ?? ''}`);
  const tests = groups.map(
    ({ filter }, index) =>
      `array(select v.i::int from unnest($${index + 2}::text[]) with ordinality v(value, i) where d.doc::jsonb ? ${literal(filter.column)} and ${condition(filter, sqlType(table, filter.column) ?? '')}) as g${index}`,
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

function sqlType(table: TableInfo, column: string): string | undefined {
  return table.columns.find(({ name }) => name === column)?.sqlType;
}

function groupKey({ column, operator, value, negate }: Filter): string {
  return JSON.stringify([column, operator, negate, operator === 'is' ? value : '']);
}

function conditionKey({ column, operator, value, negate }: Filter): string {
  return JSON.stringify([column, operator, negate, value]);
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
