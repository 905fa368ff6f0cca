import { RealtimeClient as SupabaseRealtime } from '@supabase/supabase-js';
import WebSocket from 'ws';
import { expect, test } from 'vitest';
import { createRealtimeClient, decodeFrame } from '../src/index.ts';
import { challengeDiscussions, createGlobalPresence, createStatistics } from '../src/ruwad/index.ts';
import { useBackend } from './support/backend.ts';
import { people } from './support/people.ts';
import { keep, until } from './support/until.ts';

const backend = useBackend();

test('a RealtimeClient alone serves channels, and says clearly that tables cannot be read with it', async () => {
  const { server } = backend;
  const token = await server.signToken({ sub: people.sara.id, role: 'authenticated' });
  const supabase = new SupabaseRealtime(`${server.url.replace('http', 'ws')}/realtime/v1`, {
    params: { apikey: server.anonKey },
    transport: WebSocket as never, // its constructor takes more than supabase-js asks of one
    accessToken: () => Promise.resolve(token),
    decode: decodeFrame,
  });
  const realtime = createRealtimeClient({ supabase, user: people.sara });
  const { store } = realtime.feature(createGlobalPresence, undefined);
  const stop = keep(store);
  await until(store, ({ totalOnline }) => totalOnline === 1, 'herself online');

  const query = () => realtime.live({ channel: realtime.channel(challengeDiscussions, { challengeId: 'a' }), table: 'challenge_comments', orderBy: { column: 'created_at' } });
  for (const read of [query, () => realtime.feature(createStatistics, undefined), () => realtime.supabase]) {
    expect(read).toThrow(expect.objectContaining({ code: 'client/no-database', retryable: false }));
  }
  stop();
  await realtime.dispose();
  expect([supabase.getChannels().length, supabase.isConnected()]).toEqual([0, false]);
});
