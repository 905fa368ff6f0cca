import * as z from 'zod/mini';
import type { ChallengeRow } from './rows.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const DATETIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const STATUSES = new Set(['draft', 'open', 'closed', 'archived']);

/** The row's schema. In a process that has imported `zod/compile` before this module, zod compiles it. */
export const challengeRow = z.object({
  id: z.uuid(),
  title: z.string().check(z.maxLength(200)),
  body: z.string(),
  status: z.enum(['draft', 'open', 'closed', 'archived']),
  priority: z.int().check(z.gte(0), z.lte(10)),
  is_public: z.boolean(),
  score: z.number(),
  author_id: z.uuid(),
  created_at: z.iso.datetime({ offset: true }),
  updated_at: z.nullable(z.iso.datetime({ offset: true })),
  metadata: z.object({ tags: z.array(z.string()), v: z.number() }),
});

/** What the schema asks for, written by hand: the floor. */
export function isChallengeRow(row: ChallengeRow): boolean {
  const isUuid = (value: unknown): boolean => typeof value === 'string' && UUID.test(value);
  const isTime = (value: unknown): boolean => typeof value === 'string' && DATETIME.test(value);
  return (
    isUuid(row.id) && typeof row.title === 'string' && row.title.length <= 200 && typeof row.body === 'string' && STATUSES.has(row.status) &&
    Number.isInteger(row.priority) && row.priority >= 0 && row.priority <= 10 && typeof row.is_public === 'boolean' && typeof row.score === 'number' &&
    isUuid(row.author_id) && isTime(row.created_at) && (row.updated_at === null || isTime(row.updated_at)) &&
    typeof row.metadata === 'object' && Array.isArray(row.metadata.tags) && row.metadata.tags.every((tag) => typeof tag === 'string') && typeof row.metadata.v === 'number'
  );
}
