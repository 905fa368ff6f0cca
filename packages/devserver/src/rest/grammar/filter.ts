import { FTS, IS_VALUES, PLAIN, QUANTIFIABLE } from './ast.ts';
import type { FtsOperator, IsValue, Logic, Operation, OperatorExpression } from './ast.ts';
import { commaSeparated, type Cursor } from './cursor.ts';
import { readField, readQuoted } from './names.ts';

/** Reads the value that follows an operator: to the end of a parameter, or to the end of a term inside `or=(…)`. */
type ReadValue = (cursor: Cursor) => string;

const OPERATORS = ['in', 'is', ...QUANTIFIABLE, ...PLAIN, ...FTS] as const;

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

function isOperator(name: string): name is (typeof OPERATORS)[number] {
  return isOneOf(OPERATORS, name);
}

function isOneOf<Name extends string>(names: readonly Name[], name: string): name is Name {
  return names.some((known) => known === name);
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
  const operator = /^[a-z]+(?=[.(])/.exec(cursor.rest)?.[0];
  if (operator === undefined || !isOperator(operator)) return cursor.fail('"not" or operator (eq, gt, ...)');
  cursor.expect(operator);
  if (operator === 'in') return readIn(cursor);
  if (operator === 'is') return readIs(cursor);
  if (isOneOf(FTS, operator)) return readFts(cursor, operator, readValue);
  const quantifier = isOneOf(QUANTIFIABLE, operator) ? readQuantifier(cursor) : null;
  cursor.expect('.');
  const value = readValue(cursor);
  if (isOneOf(QUANTIFIABLE, operator) && quantifier !== null) return { kind: 'quantified', operator, quantifier, value };
  return { kind: 'compare', operator, value };
}

function readQuantifier(cursor: Cursor): 'any' | 'all' | null {
  if (cursor.eat('(any)')) return 'any';
  return cursor.eat('(all)') ? 'all' : null;
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

function readFts(cursor: Cursor, operator: FtsOperator, readValue: ReadValue): Operation {
  const language = cursor.match(/\([A-Za-z_0-9 ]+\)/y)?.slice(1, -1) ?? null;
  cursor.expect('.');
  return { kind: 'fts', operator, language, value: readValue(cursor) };
}
