import type { Field, OrderTerm } from './ast.ts';
import { commaSeparated, type Cursor } from './cursor.ts';
import { readField, readName } from './names.ts';

/** The value of `order`: `name.desc.nullslast,author(name).asc`. */
export function readOrder(cursor: Cursor): OrderTerm[] {
  const terms = commaSeparated(cursor, readTerm);
  cursor.end('"," or end of input');
  return terms;
}

function readTerm(cursor: Cursor): OrderTerm {
  const related = cursor.attempt(() => readRelated(cursor));
  const field = related?.field ?? readField(cursor);
  const direction = cursor.match(/\.(?:asc|desc)(?=\.|,|\s|$)/y);
  const nulls = cursor.match(/\.nulls(?:first|last)(?=,|\s|$)/y);
  if (cursor.sees('.')) {
    cursor.eat('.');
    cursor.fail(direction === null ? '"asc", "desc", "nullsfirst" or "nullslast"' : '"nullsfirst" or "nullslast"');
  }
  return {
    relation: related?.relation ?? null,
    field,
    direction: direction === null ? null : direction === '.asc' ? 'asc' : 'desc',
    nulls: nulls === null ? null : nulls === '.nullsfirst' ? 'nullsfirst' : 'nullslast',
  };
}

function readRelated(cursor: Cursor): { relation: string; field: Field } {
  const relation = readName(cursor);
  cursor.expect('(');
  const field = readField(cursor);
  cursor.expect(')');
  return { relation, field };
}
