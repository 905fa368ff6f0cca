import type { Context } from 'hono';
import { AuthError } from './authError.ts';

/** The JSON object in the request's body. @throws AuthError `bad_json` */
export async function bodyObject(c: Context): Promise<Record<string, unknown>> {
  const value: unknown = await c.req.json().catch(() => undefined);
  if (!isObject(value)) throw new AuthError(400, 'bad_json', 'Could not parse request body as JSON');
  return value;
}

/** @throws AuthError `validation_failed` unless the field is a non-empty string. */
export function requiredText(body: Record<string, unknown>, field: string): string {
  const value = optionalText(body, field);
  if (value === undefined || value === '') throw new AuthError(400, 'validation_failed', `${field} required`);
  return value;
}

/** @throws AuthError `validation_failed` if the field is there and is no text. */
export function optionalText(body: Record<string, unknown>, field: string): string | undefined {
  const value = body[field] ?? undefined;
  // Postgres has no NUL in text.
  if (value !== undefined && (typeof value !== 'string' || value.includes('\0'))) throw invalid(field);
  return value;
}

/** @throws AuthError `validation_failed` if the field is there and no object. */
export function optionalObject(body: Record<string, unknown>, field: string): Record<string, unknown> | undefined {
  const value = body[field] ?? undefined;
  if (value !== undefined && !isObject(value)) throw invalid(field);
  return value;
}

/** @throws AuthError `validation_failed` if the field is there and neither true nor false. */
export function optionalFlag(body: Record<string, unknown>, field: string): boolean {
  const value = body[field] ?? false;
  if (typeof value !== 'boolean') throw invalid(field);
  return value;
}

function invalid(field: string): AuthError {
  return new AuthError(400, 'validation_failed', `${field} is not valid`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
