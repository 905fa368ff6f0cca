import { expect, test } from 'vitest';
import { createRealtimeClient } from '../src/index.ts';
import { createRealTimeEvents, eventNotifications, globalPresence } from '../src/ruwad/index.ts';
import { useBackend } from './support/backend.ts';
import { countingClock } from './support/countingClock.ts';
import { people, signIn } from './support/people.ts';
import { createRecorder } from './support/recordingSocket.ts';
import { keep, until } from './support/until.ts';

const backend = useBackend();
const isLive = ({ status }: { status: string }): boolean => status === 'live';

test('C10: making a client, channels and features and reading them opens no socket and starts no timer', async () => {
  const { Transport, sockets } = createRecorder();
  const clock = countingClock();
  const { realtime, supabase } = await backend.open('sara', { transport: Transport, clock });
  const feature = realtime.feature(createRealTimeEvents, undefined);
  expect([realtime.connection.store.get().status, realtime.channel(eventNotifications).store.get().status, feature.store.get().status]).toEqual(['idle', 'idle', 'idle']);
  expect([sockets.length, clock.pending(), supabase.getChannels().length]).toEqual([0, 0, 0]);
});

test('C9: reconnecting leaves the numbers of handlers, channels and timers where they were', async () => {
  const recorder = createRecorder();
  const clock = countingClock();
  const { realtime, supabase } = await backend.open('sara', { transport: recorder.Transport, clock });
  const { store } = realtime.channel(eventNotifications);
  const stop = keep(store);
  const count = (): number[] => {
    const { open: opens, close, message } = supabase.realtime.stateChangeCallbacks;
    return [opens.length, close.length, message.length, supabase.getChannels().length, clock.pending()];
  };
  await until(store, isLive, 'live');
  const before = count();
  for (let round = 0; round < 5; round += 1) {
    realtime.connection.reconnect();
    await until(store, ({ status }) => status === 'reconnecting', 'a fresh socket');
    await until(store, isLive, 'live again');
  }
  expect(count()).toEqual(before);
  expect(recorder.sockets.length).toBe(6);
  stop();
});

test('C1: dispose leaves no channel, socket, timer or listener behind, and others on the supabase client alone', async () => {
  const recorder = createRecorder();
  const clock = countingClock();
  const supabase = await signIn(backend.server, people.sara, { transport: recorder.Transport });
  const listenersBefore = supabase.realtime.stateChangeCallbacks.message.length;
  const realtime = createRealtimeClient({ supabase, user: people.sara, clock });
  const stops = [keep(realtime.feature(createRealTimeEvents, undefined).store), keep(realtime.channel(globalPresence).store)];
  await Promise.all([until(realtime.channel(eventNotifications).store, isLive, 'live'), until(realtime.channel(globalPresence).store, isLive, 'live')]);
  await realtime.dispose();
  expect([supabase.getChannels().length, supabase.realtime.isConnected(), clock.pending()]).toEqual([0, false, 0]);
  expect(recorder.sockets.map(({ readyState }) => readyState)).toEqual([3]);
  const ours = Object.values(supabase.realtime.stateChangeCallbacks).flat().filter(([ref]) => ref === 'ruwad-realtime');
  expect([ours, listenersBefore]).toEqual([[], 0]);
  expect(realtime.channel(eventNotifications).store.get().status).toBe('closed');
  for (const stop of stops) stop();

  const own = supabase.channel('own');
  await new Promise<void>((resolve) => own.subscribe((status: string) => { if (status === 'SUBSCRIBED') resolve(); }));
  const second = createRealtimeClient({ supabase, user: people.sara });
  const stop = keep(second.channel(eventNotifications).store);
  await until(second.channel(eventNotifications).store, isLive, 'live');
  await second.dispose();
  expect([supabase.realtime.isConnected(), supabase.getChannels()]).toEqual([true, [own]]);
  stop();
  await supabase.removeAllChannels();
});
