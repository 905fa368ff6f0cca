import type { Field, Logic, OrderTerm, SelectItem } from '../grammar/ast.ts';
import { commaSeparated, Cursor, SyntaxFailure } from '../grammar/cursor.ts';
import { looksLikeFilter, readFilterValue, readLogic } from '../grammar/filter.ts';
import { readField, readName } from '../grammar/names.ts';
import { readOrder } from '../grammar/order.ts';
import { readSelect } from '../grammar/select.ts';
import { invalidRange, parseError } from '../http/errors.ts';

/** Names of embedded resources from the root down; empty for the root itself. */
export type EmbedPath = readonly string[];

/** Something a query string says about one resource of the request. */
interface Placed<T> {
  readonly path: EmbedPath;
  readonly value: T;
}

/** A query string, parsed. */
export interface QueryParameters {
  /** Empty means every column. */
  readonly select: readonly SelectItem[];
  readonly where: readonly Placed<Logic>[];
  readonly order: readonly Placed<readonly OrderTerm[]>[];
  readonly limit: readonly Placed<number>[];
  readonly offset: readonly Placed<number>[];
  readonly columns: readonly string[] | null;
  readonly onConflict: readonly string[] | null;
  /** Arguments of a function called by GET, in order. */
  readonly arguments: readonly (readonly [name: string, value: string])[];
}

/** Query keys that are never filters on a column of that name. `apikey` is the gateway's. */
const RESERVED = new Set(['select', 'columns', 'on_conflict', 'apikey']);
const PLACED = new Set(['order', 'limit', 'offset', 'and', 'or']);

/**
 * Parses a query string. With `isCall`, what does not look like a filter is a function's argument.
 * @throws ApiError PGRST100 for text outside the grammar, PGRST103 for a negative limit.
 */
export function parseQueryParameters(search: URLSearchParams, { isCall = false } = {}): QueryParameters {
  const entries = [...search];
  const placed = (suffix: string) => entries.filter(([key, value]) => suffixOf(key) === suffix && value !== '');
  const others = entries.filter(([key]) => !RESERVED.has(key) && !PLACED.has(suffixOf(key)));
  const isFilter = ([key, value]: readonly [string, string]) => !isCall || key.includes('.') || looksLikeFilter(value);
  const columns = search.get('columns');
  const onConflict = search.get('on_conflict');
  return {
    select: parseSelect(search.get('select') ?? '*'),
    where: [...others.filter(isFilter).map(parseFilter), ...[...placed('and'), ...placed('or')].map(parseLogic)],
    order: placed('order').map(([key, value]) => ({ path: parentPath(key), value: parse(`order (${value})`, value, readOrder) })),
    limit: placed('limit').flatMap(([key, value]) => parseWhole(key, value, true)),
    offset: placed('offset').flatMap(([key, value]) => parseWhole(key, value, false)),
    columns: columns === null ? null : parseNames('columns', columns),
    onConflict: onConflict === null ? null : parseNames('on_conflict', onConflict),
    arguments: others.filter((entry) => !isFilter(entry)),
  };
}

/** Whether two paths name the same resource. */
export function samePath(left: EmbedPath, right: EmbedPath): boolean {
  return left.length === right.length && left.every((name, index) => name === right[index]);
}

function parseSelect(value: string): SelectItem[] {
  return parse(`select parameter (${value})`, value, readSelect);
}

function parseNames(parameter: string, value: string): string[] {
  return value === '' ? [] : parse(`${parameter} parameter (${value})`, value, (cursor) => commaSeparated(cursor, readName));
}

function parseFilter([key, value]: readonly [string, string]): Placed<Logic> {
  const { path, field } = parse(`tree path (${key})`, key, readPath);
  const expression = parse(`filter (${value})`, value, readFilterValue);
  return { path, value: { kind: 'filter', field, expression } };
}

/** `or=(…)`, `not.and=(…)` and the same below an embedded resource: `author.or=(…)`. */
function parseLogic([key, value]: readonly [string, string]): Placed<Logic> {
  const names = parse(`logic path (${key})`, key, readPath);
  const operator = names.field.name;
  const negation = names.path.includes('not') ? 'not.' : '';
  const logic = parse(`logic tree (${value})`, `${negation}${operator}${value}`, readLogic);
  return { path: names.path.filter((name) => name !== 'not'), value: logic };
}

function parentPath(key: string): EmbedPath {
  return parse(`tree path (${key})`, key, readPath).path;
}

/** A number that is none is ignored, as PostgREST does; a negative offset means from the start. */
function parseWhole(key: string, value: string, isLimit: boolean): Placed<number>[] {
  if (!/^-?\d{1,15}$/.test(value)) return [];
  const number = Number(value);
  if (isLimit && number < 0) throw invalidRange('Limit should be greater than or equal to zero.');
  return [{ path: parentPath(key), value: Math.max(0, number) }];
}

function readPath(cursor: Cursor): { path: string[]; field: Field } {
  const path: string[] = [];
  let field = readField(cursor);
  while (cursor.eat('.')) {
    path.push(field.name);
    field = readField(cursor);
  }
  return { path, field };
}

function suffixOf(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

function parse<T>(what: string, text: string, read: (cursor: Cursor) => T): T {
  const cursor = new Cursor(text);
  try {
    const value = read(cursor);
    cursor.end();
    return value;
  } catch (error) {
    throw error instanceof SyntaxFailure ? parseError(what, error) : error;
  }
}
