import type { Field, JsonStep } from './ast.ts';
import type { Cursor } from './cursor.ts';

const FIELD_NAME = 'field name (* or [a..z0..9_$])';
/** Words of letters, digits, `_`, `$` and spaces, joined by single dashes that do not begin an arrow. */
const BARE_NAME = /[\p{L}\p{N}_ $]+(?:-(?!>)[\p{L}\p{N}_ $]+)*/uy;

/** A column, relation, alias or hint: bare, or in double quotes with `\` escaping any character. */
export function readName(cursor: Cursor): string {
  const quoted = readQuoted(cursor);
  if (quoted !== null) return quoted;
  const bare = cursor.match(BARE_NAME)?.trim();
  return bare === undefined || bare === '' ? cursor.fail(FIELD_NAME) : bare;
}

/** A double-quoted text without its quotes and escapes; null when the next character is no quote. */
export function readQuoted(cursor: Cursor): string | null {
  if (!cursor.sees('"')) return null;
  const literal = cursor.match(/"(?:[^"\\]|\\.)*"/sy);
  if (literal === null) return cursor.fail('closing quote');
  return literal.slice(1, -1).replace(/\\(.)/gs, '$1');
}

/** A name with its JSON path, such as `data->address->>city`. */
export function readField(cursor: Cursor): Field {
  const name = readName(cursor);
  return { name, path: readJsonPath(cursor) };
}

function readJsonPath(cursor: Cursor): JsonStep[] {
  const steps: JsonStep[] = [];
  for (;;) {
    const arrow = cursor.eat('->>') ? '->>' : cursor.eat('->') ? '->' : null;
    if (arrow === null) return steps;
    steps.push({ arrow, key: readJsonKey(cursor) });
  }
}

/** Digits up to the end of the step are an array index; anything else is an object key. */
function readJsonKey(cursor: Cursor): string | number {
  const index = cursor.match(/-?\d+(?=->|::|\.|,|\)|$)/y);
  return index === null ? readName(cursor) : Number(index);
}
