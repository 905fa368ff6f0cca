import { ambiguousRoutine, noRoutine } from '../http/errors.ts';
import type { Routine, Schema } from '../schema/model.ts';
import { similarName } from '../schema/similar.ts';

/** The names of a call's arguments; `null` for a body that is no object. */
export type ArgumentNames = readonly string[] | null;

/** Types that a function's single unnamed argument may have to take a whole body. */
const WHOLE_BODY_TYPES = new Set(['json', 'jsonb']);

/** Whether a function takes the whole body as its one argument, which has no name. */
export function takesBody({ arguments: [only, ...others] }: Routine): boolean {
  return only !== undefined && others.length === 0 && only.name === '' && WHOLE_BODY_TYPES.has(only.type.name);
}

/**
 * The function of a name that takes exactly the arguments of a call, those with defaults aside.
 * @throws ApiError PGRST202 when there is none, PGRST203 when there are several.
 */
export function findRoutine(schema: Schema, name: string, keys: ArgumentNames, hasBody: boolean): Routine {
  const overloads = (schema.routines.get(name) ?? []).filter(isCallable);
  const byName = keys === null ? [] : overloads.filter((routine) => accepts(routine, keys));
  const candidates = byName.length > 0 || !hasBody ? byName : overloads.filter(takesBody);
  const [only, ...others] = candidates;
  if (only === undefined) throw noRoutine(schema.name, name, keys ?? [], hasBody, hintFor(schema, name, keys ?? []));
  if (others.length > 0) throw ambiguousRoutine(candidates.map(signatureOf));
  return only;
}

/** An argument without a name cannot be passed by one; only a lone one may take the body. */
function isCallable(routine: Routine): boolean {
  return takesBody(routine) || routine.arguments.every(({ name }) => name !== '');
}

function accepts({ arguments: parameters }: Routine, keys: readonly string[]): boolean {
  const required = parameters.filter(({ hasDefault, isVariadic }) => !hasDefault && !isVariadic);
  return keys.every((key) => parameters.some(({ name }) => name === key)) && required.every(({ name }) => keys.includes(name));
}

function hintFor(schema: Schema, name: string, keys: readonly string[]): string | null {
  const overloads = schema.routines.get(name)?.filter(isCallable);
  const prefix = `Perhaps you meant to call the function ${schema.name}.`;
  if (overloads === undefined || overloads.length === 0) {
    const similar = similarName(name, schema.routines.keys());
    return similar === null || similar === name ? null : prefix + similar;
  }
  const lists = overloads.map(({ arguments: parameters }) => listOf(parameters.map((parameter) => parameter.name)));
  const similar = lists.length === 1 ? lists[0] : similarName(listOf(keys), lists);
  return similar === null || similar === undefined ? null : prefix + name + similar;
}

function listOf(names: readonly string[]): string {
  return `(${[...names].sort().join(', ')})`;
}

function signatureOf(routine: Routine): string {
  const parameters = routine.arguments.map(({ name, typeText }) => `${name} => ${typeText}`);
  return `${routine.schema}.${routine.name}(${parameters.join(', ')})`;
}
