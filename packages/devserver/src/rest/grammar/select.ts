import { AGGREGATES } from './ast.ts';
import type { AggregateItem, ColumnItem, EmbedItem, JoinKind, SelectItem } from './ast.ts';
import { commaSeparated, type Cursor } from './cursor.ts';
import { readField, readName } from './names.ts';

/** A type name after `::`; it reaches SQL unquoted, as `double precision` must, so nothing but words passes. */
const TYPE_NAME = /[A-Za-z_][A-Za-z0-9_]*(?: +[A-Za-z_][A-Za-z0-9_]*)*/y;

/** The value of `select`; an empty text selects nothing by name. */
export function readSelect(cursor: Cursor): SelectItem[] {
  cursor.skipSpace();
  if (cursor.atEnd || cursor.sees(')')) return [];
  return commaSeparated(cursor, readItem);
}

function readItem(cursor: Cursor): SelectItem {
  if (cursor.eat('*')) return { kind: 'star' };
  if (cursor.eat('...')) return readEmbed(cursor, null, true);
  const alias = cursor.attempt(() => readAlias(cursor));
  if (cursor.eat('count()')) return { kind: 'aggregate', aggregate: 'count', field: null, alias, fieldCast: null, cast: readCast(cursor) };
  return cursor.attempt(() => readEmbedHead(cursor)) === null
    ? readColumn(cursor, alias)
    : readEmbed(cursor, alias, false);
}

function readAlias(cursor: Cursor): string {
  const alias = readName(cursor);
  if (cursor.sees('::')) cursor.fail('":"');
  cursor.expect(':');
  return alias;
}

function readColumn(cursor: Cursor, alias: string | null): ColumnItem | AggregateItem {
  const field = readField(cursor);
  const cast = readCast(cursor);
  if (!cursor.eat('.')) return { kind: 'column', field, alias, cast };
  const aggregate = AGGREGATES.find((name) => cursor.eat(`${name}()`)) ?? cursor.fail('aggregate function (count, sum, avg, max or min) with ()');
  return { kind: 'aggregate', aggregate, field, alias, fieldCast: cast, cast: readCast(cursor) };
}

function readCast(cursor: Cursor): string | null {
  return cursor.eat('::') ? (cursor.match(TYPE_NAME) ?? cursor.fail('letter or digit')) : null;
}

/** Looks ahead: succeeds, consuming nothing, when a relation with its parenthesis comes next. */
function readEmbedHead(cursor: Cursor): true {
  const isEmbed = /^(?:"(?:[^"\\]|\\.)*"|[\p{L}\p{N}_ $-]+)(?:!(?:"(?:[^"\\]|\\.)*"|[\p{L}\p{N}_ $-]+)){0,2}\(/su;
  return isEmbed.test(cursor.rest) ? true : cursor.fail('"("');
}

function readEmbed(cursor: Cursor, alias: string | null, spread: boolean): EmbedItem {
  const relation = readName(cursor);
  let hint: string | null = null;
  let join: JoinKind | null = null;
  while (cursor.eat('!')) {
    // In quotes these words are hints like any other.
    const kind = cursor.match(/(?:inner|left)(?=[!(])/y);
    if (kind === null) hint ??= readName(cursor);
    else join ??= kind === 'inner' ? 'inner' : 'left';
  }
  cursor.expect('(');
  const items = readSelect(cursor);
  cursor.expect(')');
  cursor.skipSpace();
  return { kind: 'embed', relation, alias, hint, join, spread, items };
}
