/** A text that is equal for values equal in content: JSON with sorted keys. `undefined` members count as absent. */
export function stableKey(value: unknown): string {
  const json: unknown = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
  return typeof json === 'string' ? json : ''; // JSON.stringify(undefined) is undefined
}
