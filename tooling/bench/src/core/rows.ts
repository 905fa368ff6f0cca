/** A row of the benchmark's table, in the shape its changes have. */
export interface ChallengeRow {
  id: string;
  title: string;
  body: string;
  status: string;
  priority: number;
  is_public: boolean;
  score: number;
  author_id: string;
  created_at: string;
  updated_at: string | null;
  metadata: { tags: string[]; v: number };
}

const COLUMN_TYPES = { id: 'uuid', title: 'text', body: 'text', status: 'text', priority: 'int4', is_public: 'bool', score: 'float8', author_id: 'uuid', created_at: 'timestamptz', updated_at: 'timestamptz', metadata: 'jsonb' };
export const COLUMNS = Object.entries(COLUMN_TYPES).map(([name, type]) => ({ name, type }));
const WORDS = 'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa'.split(' ');
const STATUSES = ['draft', 'open', 'closed', 'archived'];
const START_MS = Date.parse('2026-01-01T00:00:00Z');

export const TABLE = 'challenges';

/** Rows that all differ, the same in every run. */
export function makeRows(count: number): ChallengeRow[] {
  const next = rowMaker(generator(7));
  return Array.from({ length: count }, next);
}

/** Makes one row after another of a source of randomness in [0, 1). */
export function rowMaker(random: () => number): () => ChallengeRow {
  const below = (limit: number): number => Math.floor(random() * limit);
  const uuid = (): string => 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => below(16).toString(16));
  const words = (n: number): string => Array.from({ length: n }, () => WORDS[below(WORDS.length)]).join(' ');
  const time = (): string => new Date(START_MS + below(1e10)).toISOString().replace('Z', '+00:00');
  let index = -1;
  return () => ({
    id: uuid(), title: `${words(2)} ${(index += 1)}`, body: words(8), status: STATUSES[below(4)] ?? 'open', priority: below(5), is_public: random() > 0.5, score: below(1e4) / 100,
    author_id: uuid(), created_at: time(), updated_at: time(), metadata: { tags: ['a', 'b'], v: index % 7 },
  });
}

/** Frames of protocol 2.0.0 as the server sends them: of ten changes eight updates, an insert and a delete. */
export function makeFrames(rows: readonly ChallengeRow[], topic: string, bindingId: number): string[] {
  return rows.map((row, index) => {
    const type = index % 10 === 0 ? 'INSERT' : index % 10 === 5 ? 'DELETE' : 'UPDATE';
    const data = {
      table: TABLE, type, schema: 'public', ...(type !== 'DELETE' && { record: row }), columns: COLUMNS, commit_timestamp: '2026-01-01T00:00:00.000Z', errors: null,
      ...(type !== 'INSERT' && { old_record: { id: row.id } }),
    };
    return JSON.stringify([null, null, `realtime:${topic}`, 'postgres_changes', { data, ids: [bindingId] }]);
  });
}

/** The same numbers in [0, 1) for the same seed. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
