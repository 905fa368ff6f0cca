import { invalidBody } from '../http/errors.ts';

/** The shape of a JSON body. The text itself goes to Postgres, so that its numbers keep their digits. */
export type JsonBody =
  | { readonly kind: 'object'; readonly keys: readonly string[] }
  | { readonly kind: 'array'; readonly rows: number; readonly keys: readonly string[]; readonly uniform: boolean }
  | { readonly kind: 'other' };

/**
 * Looks at a body without taking its values. `keys` of an array are those of its first object; it is `uniform` when
 * every object has the same.
 * @throws ApiError PGRST102 when it is no JSON.
 */
export function inspectJson(text: string): JsonBody {
  const value = parse(text);
  if (Array.isArray(value)) return inspectArray(value);
  return isObject(value) ? { kind: 'object', keys: Object.keys(value) } : { kind: 'other' };
}

function inspectArray(rows: readonly unknown[]): JsonBody {
  const keySets = rows.map((row) => (isObject(row) ? Object.keys(row) : null));
  const keys = keySets[0] ?? [];
  const uniform = keySets.every((others) => others?.length === keys.length && others.every((key) => keys.includes(key)));
  return { kind: 'array', rows: rows.length, keys, uniform };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody('Empty or invalid json');
  }
}
