/** Least share of common letter pairs for a name to be offered as a hint; below it a hint would give names away. */
const MIN_SIMILARITY = 0.6;

/** The name that most resembles `wanted`, for a hint; null when none does. */
export function similarName(wanted: string, names: Iterable<string>): string | null {
  let best: { name: string; score: number } | null = null;
  for (const name of names) {
    const score = similarity(wanted, name);
    if (score >= MIN_SIMILARITY && score > (best?.score ?? 0)) best = { name, score };
  }
  return best?.name ?? null;
}

/** Dice coefficient of the letter pairs of two names, from 0 to 1. */
function similarity(left: string, right: string): number {
  const [a, b] = [pairsOf(left), pairsOf(right)];
  const common = [...a].filter((pair) => b.has(pair)).length;
  return (2 * common) / (a.size + b.size);
}

function pairsOf(name: string): Set<string> {
  const padded = `-${name.toLowerCase()}-`;
  return new Set(Array.from({ length: padded.length - 1 }, (_, index) => padded.slice(index, index + 2)));
}
