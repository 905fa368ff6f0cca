import type { Database } from '../../database/database.ts';
import { LIMITS } from '../limits.ts';

/** A broadcast of the past; `payload` is JSON text. */
export interface ReplayedMessage {
  id: string;
  event: string;
  payload: string;
}

/** What a replay asks for. */
export interface ReplayRequest {
  /** Milliseconds since the epoch. */
  since: number;
  /** `null` for as many as there may be. */
  limit: number | null;
}

/** The private broadcasts that `realtime.messages` still holds. */
export interface MessageHistory {
  /** The newest messages of a topic since a time, oldest first: at least 1 and at most 25 of them. */
  replay(topic: string, request: ReplayRequest): Promise<ReplayedMessage[]>;
  /** Deletes what is older than three days, a bounded number of rows at a time. */
  prune(): Promise<void>;
}

const PRUNE_BATCH = 1000;

/** The history in a database. */
export function createMessageHistory(db: Database): MessageHistory {
  return {
    async replay(topic, { since, limit }) {
      const count = Math.min(Math.max(limit ?? LIMITS.maxReplayedMessages, 1), LIMITS.maxReplayedMessages);
      const newestFirst = await db.query<ReplayedMessage>(
        `select id::text as id, event, payload::text as payload from realtime.messages
         where topic = $1 and extension = 'broadcast' and private is true and event is not null and payload is not null
           and inserted_at >= (to_timestamp($2::float8 / 1000) at time zone 'utc')
         order by inserted_at desc, ctid desc limit $3`,
        [topic, since, count],
      );
      return newestFirst.reverse();
    },

    async prune() {
      let pruned: number;
      do {
        const [row] = await db.query<{ pruned: number }>(`select realtime.prune_messages(batch => $1) as pruned`, [PRUNE_BATCH]);
        pruned = row?.pruned ?? 0;
      } while (pruned === PRUNE_BATCH);
    },
  };
}
