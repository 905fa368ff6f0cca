/** The value as an object; empty for anything else. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : EMPTY; // an object has string keys
}

const EMPTY: Record<string, unknown> = Object.freeze({});
