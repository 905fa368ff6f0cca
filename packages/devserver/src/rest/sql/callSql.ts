import type { Routine } from '../schema/model.ts';
import { bound, empty, ident, join, sql, type Fragment } from './fragment.ts';

/** How a function is called: with named arguments from a JSON object, or with the whole body as its only argument. */
export type CallArguments =
  | { readonly kind: 'named'; readonly names: readonly string[]; readonly json: string }
  | { readonly kind: 'body'; readonly body: string };

/** The column that a function's single value has in SQL. */
export const SCALAR = 'pgrst_scalar';

/** The rows a function returns; a single value as the column {@link SCALAR}. */
export function callSql(routine: Routine, call: CallArguments): Fragment {
  const body = call.kind === 'named' && call.names.length > 0 ? sql`${namedBody(routine, call.names, call.json)}, ` : empty;
  const invocation = sql`${ident(routine.schema, routine.name)}(${argumentsSql(routine, call)})`;
  if (routine.returns === 'composite') return sql`select pgrst_call.* from ${body}lateral ${invocation} as pgrst_call`;
  return sql`select pgrst_call.${ident(SCALAR)} from ${body}lateral (select ${invocation} as ${ident(SCALAR)}) as pgrst_call`;
}

function namedBody(routine: Routine, names: readonly string[], json: string): Fragment {
  const typed = routine.arguments
    .filter(({ name }) => names.includes(name))
    .map(({ name, type }) => sql`${ident(name)} ${ident(type.schema, type.name)}`);
  return sql`pg_catalog.json_to_record((${bound(json)})::pg_catalog.json) as pgrst_body(${join(typed, ', ')})`;
}

function argumentsSql(routine: Routine, call: CallArguments): Fragment {
  const [first] = routine.arguments;
  if (call.kind === 'body') return first === undefined ? empty : sql`(${bound(call.body)})::${ident(first.type.schema, first.type.name)}`;
  const passed = routine.arguments.filter(({ name }) => call.names.includes(name));
  return join(
    passed.map(({ name, isVariadic }) => sql`${isVariadic ? sql`variadic ` : empty}${ident(name)} => pgrst_body.${ident(name)}`),
    ', ',
  );
}
