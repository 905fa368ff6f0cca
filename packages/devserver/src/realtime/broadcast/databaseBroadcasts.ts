import type { Database } from '../../database/database.ts';
import type { Logger } from '../../logger.ts';
import { userBroadcast, type Broadcast } from '../hub/broadcast.ts';
import type { Hub } from '../hub/hub.ts';
import type { RateMeter } from '../tenant/index.ts';
import { loggable } from '../../errors.ts';

interface MessageRow {
  id: string;
  topic: string;
  event: string;
  /** JSON text; `null` for a binary message. */
  payload: string | null;
  /** Hex; `null` for a JSON message. */
  binary: string | null;
  private: boolean;
}

/** The trigger on `realtime.messages` notifies here; see `sql/20-realtime.sql`. */
const NOTIFY_CHANNEL = 'ruwad_realtime_messages';

/** The relay while it runs. */
export interface BroadcastRelay {
  /** Resolves once every message committed before is sent to its room. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Sends new rows of `realtime.messages` to the sockets on their topic, in the order of their insertion, after the
 * commit; while the tenant has too many messages, they are dropped.
 */
export async function relayDatabaseBroadcasts({ db, hub, logger, rate }: { db: Database; hub: Hub; logger: Logger; rate: RateMeter }): Promise<BroadcastRelay> {
  let waiting: string[] = [];
  let stopped = false;
  let reading = Promise.resolve();

  const readWaiting = async (): Promise<void> => {
    const ids = waiting;
    waiting = [];
    if (ids.length === 0 || stopped) return;
    const rows = new Map((await readRows(db, ids)).map((row) => [row.id, row]));
    for (const id of ids) {
      const row = rows.get(id);
      if (!row || rate.exceeded) continue;
      rate.count();
      relay(hub, row);
    }
  };

  const stop = await db.listen(NOTIFY_CHANNEL, (id) => {
    waiting.push(id);
    // The ids of one transaction arrive together and are read together.
    if (waiting.length > 1) return;
    reading = reading.then(readWaiting).catch((error: unknown) => {
      if (!stopped) logger.error('database broadcasts could not be read', { error: loggable(error) });
    });
  });

  return {
    settled: () => reading,
    stop: async () => {
      stopped = true;
      await stop();
      await reading;
    },
  };
}

function readRows(db: Database, ids: string[]): Promise<MessageRow[]> {
  return db.query<MessageRow>(
    `select id::text as id, topic, event, payload::text as payload, encode(binary_payload, 'hex') as binary, coalesce(private, false) as private
     from realtime.messages where id = any ($1::uuid[])`,
    [ids],
  );
}

function relay(hub: Hub, row: MessageRow): void {
  const topic = `realtime:${row.topic}`;
  const broadcast = broadcastOf(topic, row);
  if (broadcast) hub.room(topic, row.private)?.publish(broadcast, { about: 'broadcast', id: row.id });
}

function broadcastOf(topic: string, { id, event, payload, binary }: MessageRow): Broadcast | null {
  const common = { topic, event: Buffer.from(event), id };
  if (binary !== null) return userBroadcast({ ...common, encoding: 'binary', bytes: Buffer.from(binary, 'hex') });
  return payload === null ? null : userBroadcast({ ...common, encoding: 'json', bytes: Buffer.from(payload) });
}
