/** Counters in an order that stays while they move: by name. */
export function countersByName(counters: Readonly<Record<string, number>>): [name: string, count: number][] {
  return Object.entries(counters).sort(([a], [b]) => a.localeCompare(b));
}
