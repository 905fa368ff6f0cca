import { FTS, IS_VALUES, PLAIN, QUANTIFIABLE } from './ast.ts';
import type { IsValue, Logic, Operation, OperatorExpression, QuantifiableOperator } from './ast.ts';
import { commaSeparated, type Cursor } from './cursor.ts';
import { readField, readQuoted } from './names.ts';

/** Reads the value that follows an operator: to the end of a parameter, or to the end of a term inside `or=(…)`. */
type ReadValue = (cursor: Cursor) => string;

const QUANTIFIABLE_NAMES: ReadonlySet<string> = new Set(QUANTIFIABLE);
const PLAIN_NAMES: ReadonlySet<string> = new Set(PLAIN);
const FTS_NAMES: ReadonlySet<string> = new Set(FTS);

/** The value of a filter parameter: `eq.5`, `not.in.(1,2)`, `fts(english).cat`. */
export function readFilterValue(cursor: Cursor): OperatorExpression {
  const expression = readExpression(cursor, (rest) => rest.takeRest());
  cursor.skipSpace();
  cursor.end();
  return expression;
}

/** `and(…)`, `not.or(…)` or one filter `field.op.value` inside them. */
export function readLogic(cursor: Cursor): Logic {
  const group = cursor.match(/(?:not\.)?(?:and|or)(?=\s*\()/y);
  if (group === null) return readLogicFilter(cursor);
  cursor.skipSpace();
  cursor.expect('(');
  const terms = commaSeparated(cursor, readLogic);
  cursor.expect(')');
  cursor.skipSpace();
  return { kind: group.endsWith('and') ? 'and' : 'or', negated: group.startsWith('not.'), terms };
}

/** Whether a parameter's value looks like a filter; of an RPC by GET, what does not is an argument. */
export function looksLikeFilter(value: string): boolean {
  const head = /^(?:not\.)?([a-z]+)(?:\([A-Za-z_ ]+\))?\./.exec(value)?.[1];
  return head !== undefined && isOperator(head);
}

function isOperator(name: string): boolean {
  return name === 'in' || name === 'is' || QUANTIFIABLE_NAMES.has(name) || PLAIN_NAMES.has(name) || FTS_NAMES.has(name);
}

function readLogicFilter(cursor: Cursor): Logic {
  const field = readField(cursor);
  cursor.expect('.');
  return { kind: 'filter', field, expression: readExpression(cursor, readTermValue) };
}

/** A value inside a group: quoted, an array literal `{…}`, or anything up to `,` or `)`. */
function readTermValue(cursor: Cursor): string {
  const quoted = cursor.attempt(() => {
    const text = readQuoted(cursor) ?? cursor.fail('quote');
    return cursor.atEnd || cursor.sees(',') || cursor.sees(')') ? text : cursor.fail('"," or ")"');
  });
  return quoted ?? cursor.match(/\{[^{}]*\}/y) ?? cursor.match(/[^,)]*/y) ?? '';
}

function readExpression(cursor: Cursor, readValue: ReadValue): OperatorExpression {
  const negated = cursor.eat('not.');
  return { negated, operation: readOperation(cursor, readValue) };
}

function readOperation(cursor: Cursor, readValue: ReadValue): Operation {
  const operator = cursor.attempt(() => {
    const word = cursor.match(/[a-z]+(?=[.(])/y);
    return word !== null && isOperator(word) ? word : cursor.fail('"not" or operator (eq, gt, ...)');
  });
  if (operator === null) return cursor.fail('"not" or operator (eq, gt, ...)');
  if (operator === 'in') return readIn(cursor);
  if (operator === 'is') return readIs(cursor);
  if (FTS_NAMES.has(operator)) return readFts(cursor, operator, readValue);
  const quantifier = QUANTIFIABLE_NAMES.has(operator) ? cursor.match(/\((?:any|all)\)/y) : null;
  cursor.expect('.');
  const value = readValue(cursor);
  // The sets above hold exactly the names of these unions.
  if (quantifier === null) return { kind: 'compare', operator: operator as QuantifiableOperator, value };
  return {
    kind: 'quantified',
    operator: operator as QuantifiableOperator,
    quantifier: quantifier === '(any)' ? 'any' : 'all',
    value,
  };
}

function readIn(cursor: Cursor): Operation {
  cursor.expect('.');
  cursor.skipSpace();
  cursor.expect('(');
  const values: string[] = [];
  do values.push(readTermOrBare(cursor));
  while (cursor.eat(','));
  cursor.expect(')');
  return { kind: 'in', values: values.length === 1 && values[0] === '' ? [] : values };
}

/** Unlike a filter's value, a list element has no array literals: `{` is a character like any other. */
function readTermOrBare(cursor: Cursor): string {
  return cursor.sees('{') ? (cursor.match(/[^,)]*/y) ?? '') : readTermValue(cursor);
}

function readIs(cursor: Cursor): Operation {
  cursor.expect('.');
  const word = cursor.match(/not_null|null|true|false|unknown/iy)?.toLowerCase();
  const value = IS_VALUES.find((known: IsValue) => known === word);
  return value === undefined
    ? cursor.fail('null, not_null or trilean value (unknown, true, false)')
    : { kind: 'is', value };
}

function readFts(cursor: Cursor, operator: string, readValue: ReadValue): Operation {
  const language = cursor.match(/\([A-Za-z_0-9 ]+\)/y)?.slice(1, -1) ?? null;
  cursor.expect('.');
  // FTS_NAMES holds exactly the names of FtsOperator.
  return { kind: 'fts', operator: operator as (typeof FTS)[number], language, value: readValue(cursor) };
}
