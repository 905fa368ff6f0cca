import { tableActions } from '../../outbox/tableActions.ts';
import type { JsonRow } from '../../outbox/updateRow.ts';

/** Writes of `challenge_comments`. Of two edits of one comment the later one wins. */
export const commentActions = tableActions({
  table: 'challenge_comments',
  version: 'updated_at',
  shown: (row, { enqueuedAt }) => shownComment(row, enqueuedAt),
});

/** A new comment as the database will make it. */
export function shownComment(row: JsonRow, at: number): JsonRow {
  const now = new Date(at).toISOString();
  return { parent_comment_id: null, is_expert_comment: false, is_pinned: false, likes_count: 0, created_at: now, updated_at: now, ...row };
}
