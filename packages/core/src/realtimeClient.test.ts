import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createClient } from '@supabase/supabase-js';
import WebSocket from 'ws';
import { expect, test } from 'vitest';
import { createRealtimeClient, createStore, type RealtimeClient } from './index.ts';
import { challengeDiscussions, createChallengeDiscussion, createIdeaNotifications, createRealTimeChallenges, createStatistics } from './ruwad/index.ts';

// Nothing listens there: whoever opens a socket or sends a request fails the test.
const supabase = () => createClient('http://127.0.0.1:1', 'key', { realtime: { transport: WebSocket as never }, global: { fetch: () => Promise.reject(new Error('no request')) } });
const client = (): RealtimeClient => createRealtimeClient({ supabase: supabase() });

test('channels, queries and features are the same objects for equal arguments', () => {
  const realtime = client();
  const channel = realtime.channel(challengeDiscussions, { challengeId: 'a' });
  expect(realtime.channel(challengeDiscussions, { challengeId: 'a' })).toBe(channel);
  const query = realtime.live({ channel, table: 'challenge_comments', orderBy: { column: 'created_at' } });
  expect(realtime.live({ channel, table: 'challenge_comments', orderBy: { column: 'created_at' } })).toBe(query);
  expect(realtime.live({ channel, table: 'challenge_comments', orderBy: { column: 'created_at' }, limit: 5 })).not.toBe(query);
  expect(realtime.live({ channel: challengeDiscussions, params: { challengeId: 'a' }, table: 'challenge_comments', orderBy: { column: 'created_at' } })).toBe(query);
  expect(realtime.live({ channel: challengeDiscussions, params: { challengeId: 'b' }, table: 'challenge_comments', orderBy: { column: 'created_at' } })).not.toBe(query);
  const feature = realtime.feature(createChallengeDiscussion, { challengeId: 'a' });
  expect(realtime.feature(createChallengeDiscussion, { challengeId: 'a' })).toBe(feature);
  expect(realtime.feature(createChallengeDiscussion, { challengeId: 'b' })).not.toBe(feature);
  expect(realtime.feature(createStatistics, undefined)).toBe(realtime.feature(createStatistics, undefined));
});

test('a channel, query or feature of which only the store is referred to stays the one that others get', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const realtime = client();
  const channel = () => realtime.channel(challengeDiscussions, { challengeId: 'a' });
  const query = () => realtime.live({ channel: channel(), table: 'challenge_comments', orderBy: { column: 'created_at' } }).store;
  const feature = () => realtime.feature(createStatistics, undefined).store;
  const stores = [channel().store, query(), feature()];
  for (let round = 0; round < 3; round += 1) {
    await new Promise(setImmediate); // an object read through a WeakRef lives to the end of the turn
    collectGarbage();
  }
  expect([channel().store === stores[0], query() === stores[1], feature() === stores[2]]).toEqual([true, true, true]);
});

test('a feature made of another store works while it is subscribed to, and its stream ends with the subscription', () => {
  const realtime = client();
  const counter = createStore(0);
  let running = 0;
  const create = () => ({ store: createStore('x', { start: () => {
    running += 1;
    return () => (running -= 1);
  } }), actions: { add: () => { counter.set(counter.get() + 1); } } });
  const { store, actions } = realtime.feature(create, undefined);
  const stops = [store.subscribe(() => undefined), store.subscribe(() => undefined)];
  const subscription = store.value$.subscribe();
  actions.add();
  expect([running, counter.get()]).toEqual([1, 1]);
  for (const stop of stops) stop();
  subscription.unsubscribe();
  expect(running).toBe(0);
});

test('without a signed-in person the features that need one are idle, say why, and their actions reject', async () => {
  const realtime = client();
  for (const { store } of [realtime.feature(createRealTimeChallenges, undefined), realtime.feature(createIdeaNotifications, undefined)]) {
    const stop = store.subscribe(() => undefined);
    expect(store.get()).toMatchObject({ status: 'idle', isConnected: false, error: { code: 'auth/no-user' } });
    stop();
  }
  await expect(realtime.feature(createRealTimeChallenges, undefined).actions.markAllAsRead()).rejects.toMatchObject({ code: 'auth/no-user' });
  await expect(realtime.feature(createChallengeDiscussion, { challengeId: 'a' }).actions.postComment('x')).rejects.toMatchObject({ code: 'auth/no-user' });
});

test('C1: dispose may be called twice and before anything was used', async () => {
  const realtime = client();
  await Promise.all([realtime.dispose(), realtime.dispose()]);
  expect(realtime.connection.store.get().status).toBe('closed');
});
