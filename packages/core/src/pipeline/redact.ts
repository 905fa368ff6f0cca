const MAX_DEPTH = 4;
const MAX_MEMBERS = 50;

/** The shape of a value: members by name, every leaf replaced by the name of its type. Safe to log where contents are not. */
export function redact(value: unknown, depth = 0): unknown {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  if (depth >= MAX_DEPTH) return Array.isArray(value) ? 'array' : 'object';
  if (Array.isArray(value)) return value.slice(0, MAX_MEMBERS).map((member) => redact(member, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_MEMBERS)
      .map(([name, member]) => [name, redact(member, depth + 1)]),
  );
}
