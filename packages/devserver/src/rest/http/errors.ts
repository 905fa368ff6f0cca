import type { SyntaxFailure } from '../grammar/cursor.ts';
import { apiError, type ApiError } from './apiError.ts';

/** PGRST100: a parameter is outside the grammar. `what` names it: `filter (eq5)`. */
export function parseError(what: string, failure: SyntaxFailure): ApiError {
  return apiError(400, 'PGRST100', `"failed to parse ${what}" (line 1, column ${failure.position + 1})`, { details: failure.message });
}

/** PGRST102: the body cannot be used. */
export function invalidBody(message: string): ApiError {
  return apiError(400, 'PGRST102', message);
}

/**
 * A body larger than the gateway takes; it answers before PostgREST would. The rest of the body is not read, so the
 * connection is of no more use; unsaid, a client would send its next request there.
 */
export function bodyTooLarge(): ApiError {
  return apiError(413, 'PGRST102', 'Request body is too large', { headers: { connection: 'close' } });
}

/** 2201B, invalid regular expression: one that would hold the database up. */
export function costlyPattern(reason: string): ApiError {
  return apiError(400, '2201B', reason);
}

/** PGRST103: a range of rows that cannot exist, or does not. */
export function invalidRange(details: string, headers: Record<string, string> = {}): ApiError {
  return apiError(416, 'PGRST103', 'Requested range not satisfiable', { details, headers });
}

/** PGRST106: a schema that the API does not expose. */
export function unacceptableSchema(schema: string, exposed: readonly string[]): ApiError {
  return apiError(406, 'PGRST106', `Invalid schema: ${schema}`, { hint: `Only the following schemas are exposed: ${exposed.join(', ')}` });
}

/** PGRST107: no media type that the client accepts. */
export function unacceptableMedia(accepted: string): ApiError {
  return apiError(406, 'PGRST107', `None of these media types are available: ${accepted}`);
}

/** PGRST108: a filter or order on something that `select` does not embed. */
export function notEmbedded(relation: string): ApiError {
  return apiError(400, 'PGRST108', `'${relation}' is not an embedded resource in this request`, {
    hint: `Verify that '${relation}' is included in the 'select' query parameter.`,
  });
}

/** PGRST116: one object was asked for, and there are not exactly one. */
export function notSingular(rows: number): ApiError {
  return apiError(406, 'PGRST116', 'Cannot coerce the result to a single JSON object', { details: `The result contains ${rows} rows` });
}

/** PGRST117 and PGRST101: a method the resource does not have. */
export function unsupportedMethod(method: string): ApiError {
  return apiError(405, 'PGRST117', `Unsupported HTTP method: ${method}`);
}
export function unsupportedRpcMethod(method: string): ApiError {
  return apiError(405, 'PGRST101', `Cannot use the ${method} method on RPC`);
}

/** PGRST118: ordering by an embedded resource that is an array. */
export function relatedOrderNotToOne(parent: string, relation: string): ApiError {
  return apiError(400, 'PGRST118', `A related order on '${relation}' is not possible`, {
    details: `'${parent}' and '${relation}' do not form a many-to-one or one-to-one relationship`,
  });
}

/** PGRST120: a filter on an embedded resource as a whole that is not about null. */
export function unacceptableFilter(relation: string): ApiError {
  return apiError(400, 'PGRST120', `Bad operator on the '${relation}' embedded resource`, {
    details: 'Only is null or not is null filters are allowed on embedded resources',
  });
}

/** PGRST122: `handling=strict` and a preference that means nothing. */
export function invalidPreferences(unknown: readonly string[]): ApiError {
  return apiError(400, 'PGRST122', 'Invalid preferences given with handling=strict', { details: `Invalid preferences: ${unknown.join(', ')}` });
}

/** PGRST123: an aggregate where the project does not allow them. */
export function aggregatesNotAllowed(): ApiError {
  return apiError(400, 'PGRST123', 'Use of aggregate functions is not allowed');
}

/** PGRST127: an aggregate among the arrays that a spread makes of many rows. */
export function aggregateInArrays(): ApiError {
  return apiError(400, 'PGRST127', 'Feature not implemented', { details: 'Aggregates are not implemented for one-to-many or many-to-many spreads.' });
}

/** PGRST128: `max-affected` of a function that returns no rows to count. */
export function maxAffectedOfCall(): ApiError {
  return apiError(400, 'PGRST128', 'Function must return SETOF or TABLE when max-affected preference is used with handling=strict');
}

/** PGRST124: more rows than `max-affected` allows. */
export function maxAffectedExceeded(rows: number): ApiError {
  return apiError(400, 'PGRST124', 'Query result exceeds max-affected preference constraint', { details: `The query affects ${rows} rows` });
}

/** PGRST125: a path that is no table and no function. The root is one: there is no OpenAPI document. */
export function invalidPath(): ApiError {
  return apiError(404, 'PGRST125', 'Invalid path specified in request URL');
}

/** What was searched for in vain; `using` is what stood behind `!`. */
interface MissingRelationship {
  readonly schema: string;
  readonly parent: string;
  readonly child: string;
  readonly using: string | null;
  readonly suggestion: string | null;
}

/** PGRST200: nothing to embed by. */
export function noRelationship({ schema, parent, child, using, suggestion }: MissingRelationship): ApiError {
  const searched = `Searched for a foreign key relationship between '${parent}' and '${child}'${using === null ? '' : ` using the hint '${using}'`}`;
  return apiError(400, 'PGRST200', `Could not find a relationship between '${parent}' and '${child}' in the schema cache`, {
    details: `${searched} in the schema '${schema}', but no matches were found.`,
    hint: suggestion,
  });
}

/** One of several ways to embed, as PGRST201 describes it. */
interface Candidate {
  readonly cardinality: string;
  readonly description: string;
  readonly table: { readonly name: string };
  readonly hints: readonly string[];
}

/** PGRST201: several ways to embed; the hint lists them. */
export function ambiguousRelationship(parent: string, child: string, candidates: readonly Candidate[]): ApiError {
  const choices = candidates.map(({ table, hints }) => `'${table.name}!${hints[0] ?? table.name}'`).join(', ');
  return apiError(300, 'PGRST201', `Could not embed because more than one relationship was found for '${parent}' and '${child}'`, {
    details: candidates.map(({ cardinality, description, table }) => ({
      cardinality,
      embedding: `${parent} with ${table.name}`,
      relationship: description,
    })),
    hint: `Try changing '${child}' to one of the following: ${choices}. Find the desired relationship in the 'details' key.`,
  });
}

/** PGRST202: no function of that name takes those arguments. */
export function noRoutine(schema: string, name: string, keys: readonly string[], orUnnamed: boolean, hint: string | null): ApiError {
  const list = keys.join(', ');
  const message = keys.length === 0 ? ' without parameters' : `(${list})`;
  const searched = keys.length === 0 ? ' without parameters' : ` with parameter${keys.length > 1 ? 's' : ''} ${list}`;
  const unnamed = orUnnamed ? ' or with a single unnamed json/jsonb parameter' : '';
  return apiError(404, 'PGRST202', `Could not find the function ${schema}.${name}${message} in the schema cache`, {
    details: `Searched for the function ${schema}.${name}${searched}${unnamed}, but no matches were found in the schema cache.`,
    hint,
  });
}

/** PGRST203: several functions take those arguments. */
export function ambiguousRoutine(signatures: readonly string[]): ApiError {
  return apiError(300, 'PGRST203', `Could not choose the best candidate function between: ${signatures.join(', ')}`, {
    hint: 'Try renaming the parameters or the function itself in the database so function overloading can be resolved',
  });
}

/** PGRST204: the body or `columns` names a column that the table has not. */
export function noColumn(table: string, column: string): ApiError {
  return apiError(400, 'PGRST204', `Could not find the '${column}' column of '${table}' in the schema cache`);
}

/** PGRST205: no such table. */
export function noTable(schema: string, name: string, similar: string | null): ApiError {
  return apiError(404, 'PGRST205', `Could not find the table '${schema}.${name}' in the schema cache`, {
    hint: similar === null ? null : `Perhaps you meant the table '${schema}.${similar}'`,
  });
}
