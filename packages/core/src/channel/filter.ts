import type { Filter } from './defineChannel.ts';

/** A filter in the notation of `postgres_changes`: `column=eq.value`, `column=in.(a,b)`. */
export function toWireFilter({ column, operator, value }: Filter): string {
  return operator === 'in' ? `${column}=in.${inList(value)}` : `${column}=${operator}.${quoted(String(value))}`;
}

/** The value of an `in` filter: `(a,"b,c")`, the same for `postgres_changes` and PostgREST. */
export function inList(value: Filter['value']): string {
  const values = Array.isArray(value) ? (value as readonly (string | number)[]) : [String(value)]; // isArray forgets readonly
  return `(${values.map((one) => quoted(String(one))).join(',')})`;
}

/** Commas separate filters and values, so a text that has any of the notation's own characters is quoted. */
function quoted(text: string): string {
  return /[,()"\\]/.test(text) ? `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"` : text;
}
