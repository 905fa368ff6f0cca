import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGGREGATES, FTS, IS_VALUES, PLAIN, QUANTIFIABLE } from '../src/rest/grammar/ast.ts';
import type { AggregateItem, ColumnItem, EmbedItem, Field, Logic, Operation, OperatorExpression, OrderTerm, SelectItem } from '../src/rest/grammar/ast.ts';
import { Cursor, SyntaxFailure } from '../src/rest/grammar/cursor.ts';
import { looksLikeFilter, readFilterValue, readLogic } from '../src/rest/grammar/filter.ts';
import { readOrder } from '../src/rest/grammar/order.ts';
import { appliedPreferences, parsePreferences } from '../src/rest/grammar/preferences.ts';
import { readSelect } from '../src/rest/grammar/select.ts';

/** Reads a whole text. */
function read<T>(reader: (cursor: Cursor) => T, text: string): T {
  const cursor = new Cursor(text);
  const value = reader(cursor);
  cursor.end();
  return value;
}

// Printers: the inverse of the readers, written from the documentation of the syntax.
const quote = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const printName = (name: string) => (/^[A-Za-z_]+$/.test(name) && !['inner', 'left'].includes(name) ? name : quote(name));
const printField = ({ name, path }: Field) => printName(name) + path.map(({ arrow, key }) => arrow + (typeof key === 'number' ? String(key) : printName(key))).join('');

const printCast = (cast: string | null) => (cast === null ? '' : `::${cast}`);
function printSelect(items: readonly SelectItem[]): string {
  return items.map(printItem).join(',');
}
function printItem(item: SelectItem): string {
  if (item.kind === 'star') return '*';
  const alias = item.alias === null ? '' : `${printName(item.alias)}:`;
  if (item.kind === 'column') return `${alias}${printField(item.field)}${printCast(item.cast)}`;
  if (item.kind === 'aggregate') {
    const of = item.field === null ? '' : `${printField(item.field)}${printCast(item.fieldCast)}.`;
    return `${alias}${of}${item.aggregate}()${printCast(item.cast)}`;
  }
  const hint = item.hint === null ? '' : `!${printName(item.hint)}`;
  const join = item.join === null ? '' : `!${item.join}`;
  return `${item.spread ? '...' : alias}${printName(item.relation)}${hint}${join}(${printSelect(item.items)})`;
}

function printExpression({ negated, operation }: OperatorExpression, printValue: (value: string) => string): string {
  return (negated ? 'not.' : '') + printOperation(operation, printValue);
}
function printOperation(operation: Operation, printValue: (value: string) => string): string {
  switch (operation.kind) {
    case 'compare':
      return `${operation.operator}.${printValue(operation.value)}`;
    case 'quantified':
      return `${operation.operator}(${operation.quantifier}).${printValue(operation.value)}`;
    case 'in':
      return `in.(${operation.values.map(quote).join(',')})`;
    case 'is':
      return `is.${operation.value}`;
    case 'fts':
      return `${operation.operator}${operation.language === null ? '' : `(${operation.language})`}.${printValue(operation.value)}`;
  }
}
function printLogic(logic: Logic): string {
  if (logic.kind === 'filter') return `${printField(logic.field)}.${printExpression(logic.expression, quote)}`;
  return `${logic.negated ? 'not.' : ''}${logic.kind}(${logic.terms.map(printLogic).join(',')})`;
}
function printOrder(terms: readonly OrderTerm[]): string {
  return terms
    .map(({ relation, field, direction, nulls }) => {
      const subject = relation === null ? printField(field) : `${printName(relation)}(${printField(field)})`;
      return [subject, direction, nulls].filter((word) => word !== null).join('.');
    })
    .join(',');
}

const name = fc.oneof(fc.constantFrom('id', 'title', 'not', 'and', 'or', 'inner', 'left', 'select', '12', 'a-b', 'عنوان', ' x '), fc.string({ minLength: 1, maxLength: 8 }));
const field: fc.Arbitrary<Field> = fc.record({
  name,
  path: fc.array(fc.record({ arrow: fc.constantFrom('->' as const, '->>' as const), key: fc.oneof(name, fc.integer({ min: -99, max: 99 }).map((n) => (Object.is(n, -0) ? 0 : n))) }), { maxLength: 3 }),
});
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const cast = nullable(fc.constantFrom('text', 'int4', 'double precision', 'my_type'));
const column: fc.Arbitrary<ColumnItem> = fc.record({ kind: fc.constant('column' as const), field, alias: nullable(name), cast });
const aggregate: fc.Arbitrary<AggregateItem> = fc.oneof(
  fc.record({ kind: fc.constant('aggregate' as const), aggregate: fc.constantFrom(...AGGREGATES), field, alias: nullable(name), fieldCast: cast, cast }),
  fc.record({ kind: fc.constant('aggregate' as const), aggregate: fc.constant('count' as const), field: fc.constant(null), alias: nullable(name), fieldCast: fc.constant(null), cast }),
);
const star: fc.Arbitrary<SelectItem> = fc.constant({ kind: 'star' });
const { items } = fc.letrec<{ items: SelectItem[]; embed: EmbedItem }>((tie) => ({
  items: fc.array(fc.oneof({ maxDepth: 3 }, star, column, aggregate, tie('embed')), { maxLength: 4 }),
  embed: fc
    .record({ kind: fc.constant('embed' as const), relation: name, alias: nullable(name), hint: nullable(name), join: nullable(fc.constantFrom('inner' as const, 'left' as const)), spread: fc.boolean(), items: tie('items') })
    .map((embed) => (embed.spread ? { ...embed, alias: null } : embed)),
}));

const text = fc.string({ maxLength: 12 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('compare' as const), operator: fc.constantFrom(...QUANTIFIABLE, ...PLAIN), value: text }),
  fc.record({ kind: fc.constant('quantified' as const), operator: fc.constantFrom(...QUANTIFIABLE), quantifier: fc.constantFrom('any' as const, 'all' as const), value: text }),
  // One empty text is how an empty list is written.
  fc.record({ kind: fc.constant('in' as const), values: fc.array(text, { maxLength: 4 }).filter((values) => !(values.length === 1 && values[0] === '')) }),
  fc.record({ kind: fc.constant('is' as const), value: fc.constantFrom(...IS_VALUES) }),
  fc.record({ kind: fc.constant('fts' as const), operator: fc.constantFrom(...FTS), language: nullable(fc.constantFrom('english', 'simple')), value: text }),
);
const expression = fc.record({ negated: fc.boolean(), operation });
const { logic } = fc.letrec<{ logic: Logic; filter: Logic; group: Logic }>((tie) => ({
  logic: fc.oneof({ maxDepth: 4 }, tie('filter'), tie('group')),
  filter: fc.record({ kind: fc.constant('filter' as const), field, expression }),
  group: fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), negated: fc.boolean(), terms: fc.array(tie('logic'), { minLength: 1, maxLength: 3 }) }),
}));
const order: fc.Arbitrary<OrderTerm[]> = fc.array(
  fc.record({ relation: nullable(name), field, direction: nullable(fc.constantFrom('asc' as const, 'desc' as const)), nulls: nullable(fc.constantFrom('nullsfirst' as const, 'nullslast' as const)) }),
  { minLength: 1, maxLength: 3 },
);

describe('what is printed is read back the same', () => {
  it('select', () => {
    fc.assert(fc.property(items, (value) => { expect(read(readSelect, printSelect(value))).toEqual(value); }), { numRuns: 500 });
  });
  it('filters', () => {
    fc.assert(fc.property(expression, (value) => { expect(read(readFilterValue, printExpression(value, String))).toEqual(value); }), { numRuns: 500 });
  });
  it('and / or', () => {
    fc.assert(fc.property(logic, (value) => { expect(read(readLogic, printLogic(value))).toEqual(value); }), { numRuns: 500 });
  });
  it('order', () => {
    fc.assert(fc.property(order, (value) => { expect(read(readOrder, printOrder(value))).toEqual(value); }), { numRuns: 500 });
  });
  it('every filter looks like one', () => {
    fc.assert(fc.property(expression, (value) => { expect(looksLikeFilter(printExpression(value, String))).toBe(true); }));
  });
});

describe('any text is read or refused at a place inside it', () => {
  const tokens = ['id', 'a-b', '"q\\"x"', '(', ')', ',', '.', ':', '::', '->', '->>', '!', '!inner', '*', '...', 'eq', 'in.', 'is.null', 'not.', 'and(', 'or(', 'any', ' ', '{', '}', '7', '-', 'desc', '\\', '"'];
  const anyText = fc.oneof(fc.string(), fc.array(fc.constantFrom(...tokens), { maxLength: 12 }).map((parts) => parts.join('')));

  it.each<[string, (cursor: Cursor) => unknown, (value: never) => string]>([
    ['select', readSelect, printSelect],
    ['filter', readFilterValue, (value: OperatorExpression) => printExpression(value, String)],
    ['logic', readLogic, printLogic],
    ['order', readOrder, printOrder],
  ])('%s', (_name, reader, print) => {
    fc.assert(
      fc.property(anyText, (input) => {
        let value: unknown;
        try {
          value = read(reader, input);
        } catch (error) {
          if (!(error instanceof SyntaxFailure)) throw error;
          expect(error.position).toBeGreaterThanOrEqual(0);
          expect(error.position).toBeLessThanOrEqual(input.length);
          return;
        }
        expect(read(reader, print(value as never))).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('details of the grammar', () => {
  it('allows spaces around commas and parentheses', () => {
    expect(read(readSelect, 'id , title')).toEqual(read(readSelect, 'id,title'));
    expect(read(readLogic, 'and( id.eq.1, or (id.eq.2,id.eq.3) )')).toEqual(read(readLogic, 'and(id.eq.1,or(id.eq.2,id.eq.3))'));
  });

  it('takes an unfinished quote in a list for plain text, as PostgREST does', () => {
    expect(read(readFilterValue, 'in.("Beirut "75"",b)').operation).toEqual({ kind: 'in', values: ['"Beirut "75""', 'b'] });
  });

  it('reads the empty list and the words of is in any case', () => {
    expect(read(readFilterValue, 'in.()').operation).toEqual({ kind: 'in', values: [] });
    expect(read(readFilterValue, 'is.NULL').operation).toEqual({ kind: 'is', value: 'null' });
    expect(read(readFilterValue, 'is.not_null').operation).toEqual({ kind: 'is', value: 'not_null' });
  });

  it('keeps an array literal inside a group whole', () => {
    expect(read(readLogic, 'or(tags.cs.{a,b},id.eq.1)')).toMatchObject({ terms: [{ expression: { operation: { value: '{a,b}' } } }, {}] });
  });

  it('lets no type but words into a cast', () => {
    for (const type of ['text)', "text'", 'int;drop', 'a"b', '$1', 'text--']) expect(() => read(readSelect, `id::${type}`)).toThrow(SyntaxFailure);
  });
});

describe('preferences', () => {
  it('reads what it knows, keeps what it does not, and takes the first of two', () => {
    expect(parsePreferences('return=representation,count=exact, resolution=merge-duplicates, return=minimal,colour=blue,max-affected=5')).toEqual({
      resolution: 'merge-duplicates',
      return: 'representation',
      count: 'exact',
      tx: null,
      missing: null,
      handling: null,
      maxAffected: 5,
      unknown: ['colour=blue'],
    });
    expect(parsePreferences(null)).toMatchObject({ return: null, unknown: [] });
  });

  it('says what it honoured', () => {
    const preferences = parsePreferences('count=exact, return=minimal, handling=strict, max-affected=2');
    expect(appliedPreferences(preferences, ['return', 'count', 'handling'])).toBe('return=minimal, count=exact, handling=strict, max-affected=2');
    expect(appliedPreferences(preferences, ['tx'])).toBe('max-affected=2');
    expect(appliedPreferences(parsePreferences(''), ['count'])).toBeNull();
  });
});
