import type { FtsOperator, Logic, Operation, OperatorExpression, PlainOperator, QuantifiableOperator } from '../grammar/ast.ts';
import { patternRefusal } from '../../database/patternCost.ts';
import { costlyPattern, unacceptableFilter } from '../http/errors.ts';
import { embedNamed, type EmbedPlan, type ReadPlan } from '../plan/readPlan.ts';
import { isToOne } from '../schema/relationships.ts';
import { fieldSql, valueOf, type FieldSql } from './fieldSql.ts';
import { bound, ident, join, sql, trusted, type Fragment } from './fragment.ts';

const OPERATORS: Record<QuantifiableOperator | PlainOperator, string> = {
  eq: '=',
  neq: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  like: 'like',
  ilike: 'ilike',
  match: '~',
  imatch: '~*',
  isdistinct: 'is distinct from',
  cs: '@>',
  cd: '<@',
  ov: '&&',
  sl: '<<',
  sr: '>>',
  nxr: '&<',
  nxl: '&>',
  adj: '-|-',
};

const FTS_FUNCTIONS: Record<FtsOperator, string> = {
  fts: 'to_tsquery',
  plfts: 'plainto_tsquery',
  phfts: 'phraseto_tsquery',
  wfts: 'websearch_to_tsquery',
};

/** Operators whose right side is a pattern, whatever the left side's type. */
const PATTERNS: ReadonlySet<string> = new Set(['like', 'ilike', 'match', 'imatch']);

/** The conditions of a plan joined by `and`; empty text when there are none. */
export function whereSql(plan: ReadPlan, joinConditions: readonly Fragment[] = []): Fragment {
  const conditions = [...plan.where.map((logic) => logicSql(plan, logic)), ...joinConditions];
  return conditions.length === 0 ? sql`` : sql` where ${join(conditions, ' and ')}`;
}

function logicSql(plan: ReadPlan, logic: Logic): Fragment {
  if (logic.kind !== 'filter') {
    const terms = join(logic.terms.map((term) => logicSql(plan, term)), ` ${logic.kind} `);
    return logic.negated ? sql`not (${terms})` : sql`(${terms})`;
  }
  const embed = logic.field.path.length === 0 ? embedNamed(plan, logic.field.name) : undefined;
  if (embed !== undefined) return embedFilterSql(embed, logic.expression);
  const condition = operationSql(fieldSql(plan, logic.field), logic.expression.operation);
  return logic.expression.negated ? sql`not (${condition})` : condition;
}

/** `author=is.null`: parents without a match. Any other filter on a whole resource means nothing. */
function embedFilterSql({ key, plan, relationship }: EmbedPlan, { negated, operation }: OperatorExpression): Fragment {
  if (operation.kind !== 'is' || !['null', 'not_null'].includes(operation.value)) throw unacceptableFilter(key);
  const absent = (operation.value === 'null') !== negated;
  const row = isToOne(relationship) ? sql`${ident(plan.alias)}.*` : ident(plan.alias, plan.alias);
  return absent ? sql`${row} is not distinct from null` : sql`${row} is distinct from null`;
}

function operationSql(field: FieldSql, operation: Operation): Fragment {
  switch (operation.kind) {
    case 'compare':
      return compareSql(field, operation.operator, operation.value);
    case 'quantified':
      return quantifiedSql(field, operation);
    case 'in':
      return inSql(field, operation.values);
    case 'is':
      return sql`${field.sql} is ${trusted(operation.value === 'not_null' ? 'not null' : operation.value)}`;
    case 'fts':
      return ftsSql(field, operation);
  }
}

function compareSql(field: FieldSql, operator: QuantifiableOperator | PlainOperator, value: string): Fragment {
  const right = PATTERNS.has(operator) ? bound(patternOf(operator, value)) : valueOf(value, field.type);
  return sql`${field.sql} ${trusted(OPERATORS[operator])} ${right}`;
}

/** `eq(any).{1,2}`: the value is an array literal of the field's type. */
function quantifiedSql(field: FieldSql, { operator, quantifier, value }: Operation & { kind: 'quantified' }): Fragment {
  const isPattern = PATTERNS.has(operator);
  const element = isPattern || field.type === null ? sql`pg_catalog.text` : ident(field.type.schema, field.type.name);
  const array = sql`(${bound(patternOf(operator, value))})::${element}[]`;
  return sql`${field.sql} ${trusted(OPERATORS[operator])} ${trusted(quantifier)} (${array})`;
}

/** `*` stands for `%`, which would need escaping in a URL. */
function patternOf(operator: string, value: string): string {
  const refusal = operator === 'match' || operator === 'imatch' ? patternRefusal(value) : null;
  if (refusal !== null) throw costlyPattern(refusal);
  return operator === 'like' || operator === 'ilike' ? value.replaceAll('*', '%') : value;
}

function inSql(field: FieldSql, values: readonly string[]): Fragment {
  if (values.length === 0) return sql`false`;
  // There is no type "array of arrays", so array columns are compared value by value.
  if (field.isArray) return sql`${field.sql} in (${join(values.map((value) => valueOf(value, field.type)), ', ')})`;
  const element = field.type === null ? sql`pg_catalog.text` : ident(field.type.schema, field.type.name);
  return sql`${field.sql} = any ((${bound(arrayLiteral(values))})::${element}[])`;
}

function ftsSql(field: FieldSql, { operator, language, value }: Operation & { kind: 'fts' }): Fragment {
  const config = language === null ? sql`` : sql`(${bound(language)})::pg_catalog.regconfig, `;
  const vector = field.type?.name === 'tsvector' ? field.sql : sql`pg_catalog.to_tsvector(${config}${field.sql})`;
  return sql`${vector} @@ pg_catalog.${trusted(FTS_FUNCTIONS[operator])}(${config}${bound(value)})`;
}

/** A Postgres array literal with every element quoted. */
function arrayLiteral(values: readonly string[]): string {
  const quoted = values.map((value) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
  return `{${quoted.join(',')}}`;
}
