import { patternRefusal } from '../../database/patternCost.ts';
import { inspect } from './elixirInspect.ts';

/** Operators a filter may use. */
const FILTER_OPERATORS = ['eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'in', 'like', 'ilike', 'is', 'match', 'imatch', 'isdistinct'] as const;

/** Most conditions of one filter, as many as `in` takes values; each is checked against its table, in one statement. */
const MAX_CONDITIONS = 100;

/** Operators of a filter, without `not.` before them. */
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** One condition on one column. */
export interface Filter {
  column: string;
  operator: FilterOperator;
  /** Text that Postgres casts to the column's type; for `in` an array literal such as `{1,2}`. */
  value: string;
  /** True for the prefix `not.`. */
  negate: boolean;
}

/** Conditions that must all hold, or the real server's text on what is wrong. */
export type FiltersResult = { ok: true; filters: Filter[] } | { ok: false; message: string };

/** Reads `col=op.value,col2=not.op.value`; blank text is no filter at all. */
export function parseFilters(text: string): FiltersResult {
  if (text.trim() === '') return { ok: true, filters: [] };
  const filters: Filter[] = [];
  const segments = splitTopLevel(text.trim());
  if (segments.length > MAX_CONDITIONS) return { ok: false, message: `the dev server takes at most ${MAX_CONDITIONS} conditions in a filter` };
  for (const segment of segments) {
    const filter = parseFilter(segment.trim());
    if (typeof filter === 'string') return { ok: false, message: filter };
    filters.push(filter);
  }
  return { ok: true, filters };
}

function parseFilter(segment: string): Filter | string {
  if (segment === '') return 'filter must not contain empty segments (check for extra commas)';
  const equals = splitOnce(segment, '=');
  if (equals.length === 1) return inspect(equals);
  const [column, condition] = equals;
  const negate = condition.startsWith('not.');
  const dot = splitOnce(negate ? condition.slice('not.'.length) : condition, '.');
  if (dot.length === 1) return inspect(dot);
  const [operator, value] = dot;
  if (!isOperator(operator)) return inspect(dot);
  const refusal = operator === 'match' || operator === 'imatch' ? patternRefusal(unquoted(value)) : null;
  if (refusal !== null) return refusal;
  if (operator !== 'in') return { column, operator, value: unquoted(value), negate };
  if (!/^\(.*\)$/s.test(value)) return '`in` filter value must be wrapped by parentheses';
  return { column, operator, value: `{${value.slice(1, -1)}}`, negate };
}

function isOperator(name: string): name is FilterOperator {
  return (FILTER_OPERATORS as readonly string[]).includes(name);
}

function splitOnce(text: string, separator: string): [string] | [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Splits at commas outside parentheses and quotes; a quote opens only where a value begins: after `.`, `(` or `,`. */
function splitTopLevel(text: string): string[] {
  const segments: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === '\\') at++;
      else if (char === '"') quoted = false;
    } else if (char === '"' && at > start && '.(,'.includes(text.charAt(at - 1))) quoted = true;
    else if (char === '(') depth++;
    else if (char === ')') depth = Math.max(0, depth - 1);
    else if (char === ',' && depth === 0) {
      segments.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...segments, text.slice(start)];
}

/** `"a\"b"` becomes `a"b`; text with an unescaped quote inside, or none at the end, stays as it is. */
function unquoted(value: string): string {
  const inside = /^"((?:[^"\\]|\\.)*)"$/s.exec(value)?.[1];
  return inside === undefined ? value : inside.replaceAll(/\\(.)/gs, '$1');
}
