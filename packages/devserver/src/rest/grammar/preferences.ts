/** What a client asks for in `Prefer` headers (RFC 7240); null where it asks for nothing. */
export interface Preferences {
  readonly resolution: 'merge-duplicates' | 'ignore-duplicates' | null;
  readonly return: 'minimal' | 'headers-only' | 'representation' | null;
  readonly count: 'exact' | 'planned' | 'estimated' | null;
  readonly tx: 'commit' | 'rollback' | null;
  readonly missing: 'default' | 'null' | null;
  readonly handling: 'strict' | 'lenient' | null;
  readonly maxAffected: number | null;
  /** Preferences that mean nothing here, as sent; an error under `handling=strict`. */
  readonly unknown: readonly string[];
}

const CHOICES = {
  resolution: ['merge-duplicates', 'ignore-duplicates'],
  return: ['minimal', 'headers-only', 'representation'],
  count: ['exact', 'planned', 'estimated'],
  tx: ['commit', 'rollback'],
  missing: ['default', 'null'],
  handling: ['strict', 'lenient'],
} as const;

type Choice = keyof typeof CHOICES;

/** Parses the value of `Prefer` (several headers joined by commas). The first mention of a preference wins. */
export function parsePreferences(header: string | null | undefined): Preferences {
  const sent = (header ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '');
  const choose = <K extends Choice>(name: K): (typeof CHOICES)[K][number] | null =>
    sent.map((part) => choiceOf(part, name)).find((choice) => choice !== null) ?? null;
  const affected = sent.map((part) => /^max-affected=(\d+)$/.exec(part)?.[1]).find((count) => count !== undefined);
  return {
    resolution: choose('resolution'),
    return: choose('return'),
    count: choose('count'),
    tx: choose('tx'),
    missing: choose('missing'),
    handling: choose('handling'),
    maxAffected: affected === undefined ? null : Number(affected),
    unknown: sent.filter((part) => !isKnown(part)),
  };
}

/** The preferences that a reply says it honoured, in the order of PostgREST; null when there are none. */
export function appliedPreferences(preferences: Preferences, honoured: readonly Choice[]): string | null {
  const order: Choice[] = ['resolution', 'missing', 'return', 'count', 'tx', 'handling'];
  const applied = order
    .filter((name) => honoured.includes(name) && preferences[name] !== null)
    .map((name) => `${name}=${String(preferences[name])}`);
  if (preferences.handling === 'strict' && preferences.maxAffected !== null) {
    applied.push(`max-affected=${preferences.maxAffected}`);
  }
  return applied.length === 0 ? null : applied.join(', ');
}

function choiceOf<K extends Choice>(part: string, name: K): (typeof CHOICES)[K][number] | null {
  const choices: readonly (typeof CHOICES)[K][number][] = CHOICES[name];
  return choices.find((choice) => part === `${name}=${choice}`) ?? null;
}

function isKnown(part: string): boolean {
  if (/^max-affected=\d+$/.test(part)) return true;
  return Object.entries(CHOICES).some(([name, choices]) => choices.some((choice) => part === `${name}=${choice}`));
}
