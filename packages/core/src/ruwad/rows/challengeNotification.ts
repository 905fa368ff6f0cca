import * as z from 'zod/mini';
import { bool, json, nullable, optional, text, timestamp, uuid } from './columns.ts';

/** A row of `challenge_notifications`. `notification_type` is open-ended: unknown values pass. */
export const challengeNotificationRow = z.object({
  id: uuid,
  challenge_id: uuid,
  recipient_id: uuid,
  sender_id: nullable(uuid),
  notification_type: text,
  title: text,
  message: text,
  is_read: nullable(bool),
  action_url: nullable(text),
  metadata: optional(json),
  created_at: nullable(timestamp),
});
/** A notification to one person about one challenge. */
export type ChallengeNotification = z.infer<typeof challengeNotificationRow>;
