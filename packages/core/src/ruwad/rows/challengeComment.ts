import * as z from 'zod/mini';
import { bool, int, nullable, text, timestamp, uuid } from './columns.ts';

/** A row of `challenge_comments`. */
export const challengeCommentRow = z.object({
  id: uuid,
  challenge_id: uuid,
  user_id: uuid,
  parent_comment_id: nullable(uuid),
  content: text,
  is_expert_comment: nullable(bool),
  is_pinned: nullable(bool),
  likes_count: nullable(int),
  created_at: nullable(timestamp),
  updated_at: nullable(timestamp),
});
/** A comment in the discussion of a challenge. */
export type ChallengeComment = z.infer<typeof challengeCommentRow>;
