import { createRealtimeClient, defineChannel, type Channel, type RealtimeClient, type StandardSchema } from '@ruwad/realtime-core';
import { createClient } from '@supabase/supabase-js';
import { BINDING_ID, FakeSocket } from '../core/fakeSocket.ts';
import { COLUMNS, TABLE, type ChallengeRow } from '../core/rows.ts';
import type { RowChange } from './history.ts';

const TOPIC = 'bench';

/** Takes every row as it is: what checking costs is G2's matter. */
const anyRow: StandardSchema<ChallengeRow, ChallengeRow> = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value: value as ChallengeRow }) } };
const definition = defineChannel({ name: 'bench', topic: TOPIC, tables: { [TABLE]: { row: anyRow, version: 'updated_at' } } });

/** The SDK over supabase-js, whose socket and `fetch` are in this process. */
export interface Sdk {
  readonly realtime: RealtimeClient;
  /** A channel of the table, live. */
  readonly channel: Channel<typeof definition>;
  /** Answers the reads that follow, each with one of these JSON texts and the last with no rows. */
  readonly answerReads: (pages: readonly string[]) => void;
  /** Has a message arrive as supabase-js would have parsed it. */
  readonly receive: (message: object) => void;
  /** Paints a frame. */
  readonly paint: () => void;
}

/** Connects a client and joins its channel. */
export async function connectSdk(): Promise<Sdk> {
  let unread: readonly string[] = [];
  let paint: (() => void) | null = null;
  const decode = (frame: unknown, callback: (message: never) => void): void => { callback((typeof frame === 'string' ? parsed(frame) : frame) as never); };
  const supabase = createClient('http://localhost', 'x', {
    realtime: { transport: FakeSocket as never, decode }, // as much of a WebSocket as supabase-js uses
    global: {
      fetch: () => {
        const [page = '[]', ...rest] = unread;
        unread = rest;
        return Promise.resolve({ ok: true, status: 200, statusText: 'OK', headers: new Headers(), text: () => Promise.resolve(page) } as Response); // as much of one as postgrest-js reads
      },
    },
  });
  const request = (callback: () => void) => {
    paint = callback;
    return () => { paint = null; };
  };
  const realtime = createRealtimeClient({ supabase, frames: { request } });
  const channel = realtime.channel(definition);
  await new Promise<void>((resolve) => {
    channel.store.subscribe(() => {
      if (channel.store.get().status === 'live') resolve();
    });
  });
  const socket = FakeSocket.last;
  return {
    realtime,
    channel,
    answerReads: (pages) => { unread = pages; },
    receive: (message) => { socket?.feed(message); },
    paint: () => { paint?.(); },
  };
}

let commits = Date.parse('2026-06-01T00:00:00Z');

/** The message of a change, as the server sends it and supabase-js parses it. */
export function messageOf({ type, id, row }: RowChange): object {
  const data = {
    table: TABLE, type, schema: 'public', columns: COLUMNS, commit_timestamp: new Date((commits += 1)).toISOString(), errors: null,
    ...(type !== 'DELETE' && { record: row }), ...(type !== 'INSERT' && { old_record: { id } }),
  };
  return { join_ref: null, ref: null, topic: `realtime:${TOPIC}`, event: 'postgres_changes', payload: { data, ids: [BINDING_ID] } };
}

function parsed(frame: string): object {
  const [joinRef, ref, topic, event, payload] = JSON.parse(frame) as unknown[];
  return { join_ref: joinRef, ref, topic, event, payload };
}
