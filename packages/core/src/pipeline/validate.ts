import type { SchemaIssue, StandardSchema } from '../lib/standardSchema.ts';

/** A validated value, or what is wrong with it. */
export type Validation<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly SchemaIssue[] };

/** Checks a value from the wire against a schema. Never throws; schemas that answer with a promise are refused. */
export function validate(schema: StandardSchema, value: unknown): Validation<unknown> {
  try {
    const result = schema['~standard'].validate(value);
    if (result instanceof Promise) {
      result.catch(() => undefined); // its outcome no longer matters
      return { ok: false, issues: [{ message: 'asynchronous schemas are not supported' }] };
    }
    return result.issues === undefined ? { ok: true, value: result.value } : { ok: false, issues: result.issues };
  } catch (error) {
    return { ok: false, issues: [{ message: `the schema threw; ${String(error)}` }] };
  }
}
