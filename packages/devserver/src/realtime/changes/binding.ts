import { inspect } from './elixirInspect.ts';
import { parseFilters, type Filter } from './filter.ts';

/** One entry of `config.postgres_changes` as the client sent it; unknown keys are allowed. */
export type Binding = Readonly<Record<string, unknown>>;

/** Kind of a row change. */
export type ChangeAction = 'INSERT' | 'UPDATE' | 'DELETE';

/** What a valid binding asks for. */
export interface ParsedBinding {
  event: ChangeAction | '*';
  /** LIKE patterns over names; `*` is any. */
  schema: string;
  table: string;
  /** All must hold. */
  filters: readonly Filter[];
  /** Columns wanted besides the primary key; `null` for all. */
  select: readonly string[] | null;
}

/** A binding understood, or the real server's text on why not. */
export type BindingResult = { ok: true; binding: ParsedBinding } | { ok: false; message: string };

/** Reads one binding by the real server's rules, which look at keys present rather than at values (a `null` is not absent). */
export function parseBinding(params: Binding): BindingResult {
  const { schema, table, filter } = params;
  const select = parseSelect(params.select);
  if (!select.ok) return select;

  const base = { event: parseEvent(params.event), filters: [], select: select.columns };
  const given = (key: string): boolean => Object.hasOwn(params, key);
  if (typeof schema === 'string' && typeof table === 'string' && typeof filter === 'string') {
    const filters = parseFilters(filter);
    return filters.ok ? explicitTable({ ...base, schema, table, filters: filters.filters }) : { ok: false, message: `Error parsing \`filter\` params: ${filters.message}` };
  }
  if (!given('filter')) {
    if (typeof schema === 'string' && typeof table === 'string') return explicitTable({ ...base, schema, table });
    if (typeof schema === 'string' && !given('table')) return explicitTable({ ...base, schema, table: '*' });
    if (typeof table === 'string' && !given('schema')) return explicitTable({ ...base, schema: 'public', table });
  }
  const shown = given('user_token') || given('auth_token') ? '<redacted>' : inspect(params);
  return { ok: false, message: `No subscription params provided. Please provide at least a \`schema\` or \`table\` to subscribe to: ${shown}` };
}

function parseEvent(event: unknown): ParsedBinding['event'] {
  const name = typeof event === 'string' ? event.toUpperCase() : '*';
  return name === 'INSERT' || name === 'UPDATE' || name === 'DELETE' ? name : '*';
}

function parseSelect(select: unknown): { ok: true; columns: readonly string[] | null } | { ok: false; message: string } {
  if (typeof select === 'string') {
    return { ok: false, message: 'Error parsing `select` params: expected a list of column name strings, e.g. select: ["col1", "col2"]' };
  }
  const columns = Array.isArray(select) ? select.filter((column) => typeof column === 'string') : [];
  return { ok: true, columns: columns.length === 0 ? null : columns };
}

function explicitTable(binding: ParsedBinding): BindingResult {
  if (binding.select !== null && (binding.schema === '*' || binding.table === '*')) {
    return { ok: false, message: 'Column selection is not supported for wildcard subscriptions. Provide an explicit schema and table name.' };
  }
  return { ok: true, binding };
}
