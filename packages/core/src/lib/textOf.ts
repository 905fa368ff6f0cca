/** A value from the wire as text for people. `String` throws at an object that has a `toString` of its own, as JSON may. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? 'undefined' : JSON.stringify(value);
}
