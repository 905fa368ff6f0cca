import { createClient as newest } from '@supabase/supabase-js';
import { createClient as oldest } from 'supabase-js-oldest';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { challengeDiscussions, createGlobalPresence, createRealTimeEvents, eventNotifications } from '../src/ruwad/index.ts';
import { useBackend } from './support/backend.ts';
import { countingClock } from './support/countingClock.ts';
import { createRecorder } from './support/recordingSocket.ts';
import { keep, until } from './support/until.ts';

const backend = useBackend({ timeScale: 0.05 });
const isLive = ({ status }: { status: string }): boolean => status === 'live';
// Of all that makes a client only the type differs, by what was added since.
const VERSIONS = [['the oldest supported', oldest as unknown as typeof newest], ['the newest', newest]] as const;

test('the oldest version tested is the oldest that the package allows', () => {
  const require = createRequire(import.meta.url);
  const version = (path: string): string => (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version; // a package.json has one
  const { peerDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { peerDependencies: Record<string, string> }; // so does ours have these
  expect(peerDependencies['@supabase/supabase-js']).toBe(`>=${version(require.resolve('supabase-js-oldest/package.json'))} <3`);
});

for (const [name, createClient] of VERSIONS) {
  describe(`with ${name} supabase-js`, () => {
    test('rows, broadcasts and presence arrive, and again after a cut', async () => {
      const [recorder, clock] = [createRecorder(), countingClock()];
      const { realtime, supabase } = await backend.open('sara', { createClient, transport: recorder.Transport, clock });
      const other = await backend.open('omar');
      const params = { challengeId: 'c0000000-0000-4000-8000-000000000001' };
      const heard: unknown[] = [];
      const events = realtime.feature(createRealTimeEvents, undefined);
      const [mine, his] = [realtime.channel(challengeDiscussions, params), other.realtime.channel(challengeDiscussions, params)];
      const [here, there] = [realtime.feature(createGlobalPresence, undefined), other.realtime.feature(createGlobalPresence, undefined)];
      const stops = [keep(events.store), keep(his.store), keep(here.store), keep(there.store)];
      const subscription = mine.broadcast$('typing').subscribe(({ payload }) => heard.push(payload.user_name));
      const counted = (): number[] => [...Object.values(supabase.realtime.stateChangeCallbacks).map((callbacks) => callbacks.length), supabase.getChannels().length, clock.pending()];
      const allLive = () => Promise.all([until(events.store, isLive, 'the rows'), until(mine.store, isLive, 'the channel'), until(here.store, ({ totalOnline }) => totalOnline === 2, 'presence'), until(his.store, isLive, 'the other')]);
      await allLive();
      const before = counted();

      for (const round of ['before', 'after']) {
        if (round === 'after') {
          recorder.cut();
          await until(mine.store, (state) => !isLive(state), 'the cut');
          await allLive();
          expect(counted()).toEqual(before);
        }
        await backend.server.sql(`insert into public.events (title_ar, event_date, status) values ($1, '2099-01-01', 'planning')`, [round]);
        await until(events.store, ({ events: rows }) => rows.some((row) => row.title_ar === round), `the event ${round} the cut`);
        const next = until(mine.broadcast$('typing'), () => true, 'the broadcast');
        await his.send('typing', { user_id: other.realtime.user?.id ?? '', user_name: round, is_typing: true });
        await next;
        expect(heard.at(-1)).toBe(round);
      }
      subscription.unsubscribe();
      for (const stop of stops) stop();
    });

    test('what the server closes or refuses is tried again, by reason', async () => {
      const { realtime } = await backend.open('sara', { createClient });
      const { store } = realtime.channel(eventNotifications);
      const stop = keep(store);
      await until(store, isLive, 'live');
      const { faults } = backend.server;
      for (const fault of [() => faults.closeChannels({ message: 'Token has expired 3 seconds ago' }), () => faults.crashChannels(), () => faults.closeSockets({ code: 1012 }), () => faults.restartServer({ downMs: 100 })]) {
        await fault();
        await until(store, (state) => !isLive(state), 'the fault');
        await until(store, isLive, 'live again');
      }
      const refusal = await faults.refuseJoins({ reason: 'Unauthorized: You do not have permissions to read from this Channel topic: x' });
      await faults.dropSockets();
      const refused = await until(store, ({ status }) => status === 'failed', 'the refusal');
      expect(refused.error?.code).toBe('channel/forbidden');
      await refusal.stop();
      stop();
    });
  });
}
