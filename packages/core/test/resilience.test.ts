import * as z from 'zod/mini';
import { expect, test } from 'vitest';
import { defineChannel, type InvalidPayload } from '../src/index.ts';
import { challengeDiscussions, createOpportunityPresence, createRealTimeEvents, eventNotifications, globalPresence } from '../src/ruwad/index.ts';
import { useBackend } from './support/backend.ts';
import { people } from './support/people.ts';
import { createRecorder } from './support/recordingSocket.ts';
import { keep, until } from './support/until.ts';

const backend = useBackend();
const isLive = ({ status }: { status: string }): boolean => status === 'live';
const addEvent = (title: string): Promise<unknown> => backend.server.sql(`insert into public.events (title_ar, event_date, status) values ($1, '2099-01-01', 'planning')`, [title]);

test('C6: many subscribers, features and mounts share one join on the wire, which is left once', async () => {
  const recorder = createRecorder();
  const { realtime } = await backend.open('sara', { transport: recorder.Transport, lingerMs: 50 });
  const stops: (() => void)[] = [];
  for (let n = 0; n < 100; n += 1) {
    const { store } = realtime.feature(createRealTimeEvents, undefined);
    keep(store)();
    stops.push(keep(store), keep(realtime.channel(eventNotifications).store));
  }
  await until(realtime.channel(eventNotifications).store, isLive, 'live');
  expect([recorder.joins(), recorder.leaves()]).toEqual([['realtime:event-notifications'], []]);
  for (const stop of stops) stop();
  await until(realtime.connection.store, ({ status }) => status === 'idle', 'the socket to close');
  expect([recorder.joins().length, recorder.leaves()]).toEqual([1, ['realtime:event-notifications']]);
});

test('R1: a channel whose table is not replicated never becomes live, though the join is accepted', async () => {
  const unreplicated = defineChannel({ name: 'unreplicated', topic: 'unreplicated', tables: { profiles: { row: z.object({ id: z.string() }) } } });
  const { realtime } = await backend.open('sara');
  const { store } = realtime.channel(unreplicated);
  const states: string[] = [];
  const stop = store.subscribe(() => states.push(store.get().status));
  const refused = await until(store, ({ error }) => error !== null, 'the refusal');
  expect(refused.error?.code).toBe('channel/subscription-failed');
  expect(states).not.toContain('live');
  stop();
});

test('C3: a filter that the database refuses is final, and says why', async () => {
  const { realtime } = await backend.open('sara');
  const { store } = realtime.channel(challengeDiscussions, { challengeId: 'no uuid' });
  const refused = await until(store, ({ status }) => status === 'failed', 'the refusal');
  expect(refused.error).toMatchObject({ code: 'channel/subscription-invalid', retryable: false });
});

test('a cut socket is replaced at once, and what happened meanwhile is there', async () => {
  const recorder = createRecorder();
  const { realtime } = await backend.open('sara', { transport: recorder.Transport });
  const { store } = realtime.feature(createRealTimeEvents, undefined);
  const stop = keep(store);
  await until(store, isLive, 'live');
  await until(realtime.connection.store, ({ latencyMs }) => latencyMs !== null, 'a latency');
  recorder.cut();
  const lost = await until(store, ({ status }) => status === 'stale', 'stale');
  expect(lost).toMatchObject({ isConnected: false, error: { code: 'connection/lost' } });
  await addEvent('while away');
  const back = await until(store, ({ status, events }) => status === 'live' && events.some(({ title_ar: title }) => title === 'while away'), 'the event');
  expect(back.error).toBeNull();
  expect(recorder.sockets.length).toBe(2);
  await addEvent('after');
  await until(store, ({ events }) => events.some(({ title_ar: title }) => title === 'after'), 'the next event');
  stop();
});

test('an event that was deleted while the socket was cut is told with its row', async () => {
  const recorder = createRecorder();
  const { realtime } = await backend.open('sara', { transport: recorder.Transport });
  const { store } = realtime.feature(createRealTimeEvents, undefined);
  const stop = keep(store);
  await addEvent('cancelled');
  await until(store, ({ status, events }) => status === 'live' && events.some(({ title_ar: title }) => title === 'cancelled'), 'the event');
  recorder.cut();
  await backend.server.sql(`delete from public.events where title_ar = 'cancelled'`);
  const { eventUpdates } = await until(store, (state) => state.eventUpdates.some(({ type }) => type === 'DELETE'), 'the deletion');
  expect(eventUpdates[0]).toMatchObject({ type: 'DELETE', previousStatus: 'planning', newStatus: null, event: { title_ar: 'cancelled' } });
  stop();
});

test('P2: presence is there again after a cut, with the latest state and once', async () => {
  const recorder = createRecorder();
  const [mine, other] = [await backend.open('sara', { transport: recorder.Transport }), await backend.open('omar')];
  const opportunityId = 'f0000000-0000-4000-8000-000000000001';
  const hers = mine.realtime.feature(createOpportunityPresence, { opportunityId });
  const his = other.realtime.feature(createOpportunityPresence, { opportunityId });
  const stops = [keep(hers.store), keep(his.store)];
  await until(his.store, ({ userCount }) => userCount === 2, 'both');
  await hers.actions.updatePresenceStatus('editing');
  recorder.cut();
  await until(his.store, ({ userCount }) => userCount === 1, 'alone');
  const back = await until(his.store, ({ userCount }) => userCount === 2, 'both again');
  expect(back.collaborators).toMatchObject([{ userId: people.sara.id, status: 'editing', connections: 1 }]);
  for (const stop of stops) stop();
});

test('V1: a row that fails its schema is reported while the others flow', async () => {
  const picky = defineChannel({ name: 'picky', topic: 'picky', tables: { events: { row: z.object({ id: z.string(), title_ar: z.string().check(z.regex(/^good/)) }) } } });
  const { realtime } = await backend.open('sara');
  const channel = realtime.channel(picky);
  const invalid: InvalidPayload[] = [];
  const titles: string[] = [];
  const subscriptions = [
    channel.invalid$.subscribe((one) => invalid.push(one)),
    channel.changes$('events').subscribe((change) => titles.push(change.type === 'DELETE' ? '' : change.row.title_ar)),
  ];
  await until(channel.store, isLive, 'live');
  await addEvent('good 1');
  const last = until(channel.changes$('events'), (change) => change.type !== 'DELETE' && change.row.title_ar === 'good 2', 'the last');
  await addEvent('bad');
  await addEvent('good 2');
  await last;
  expect(titles).toEqual(['good 1', 'good 2']);
  expect(invalid).toMatchObject([{ channel: 'picky', event: 'INSERT events', reason: 'schema', sample: { record: { title_ar: 'string' } } }]);
  for (const subscription of subscriptions) subscription.unsubscribe();
});

test('V1: a frame that cannot be read is skipped and the socket stays', async () => {
  const recorder = createRecorder();
  const { realtime } = await backend.open('sara', { transport: recorder.Transport });
  const { store } = realtime.channel(eventNotifications);
  const stop = keep(store);
  await until(store, isLive, 'live');
  const [socket] = recorder.sockets;
  for (const frame of ['{not json', '[null,null,"realtime:event-notifications","broadcast",null]', '7']) socket?.emit('message', Buffer.from(frame), false);
  const arrives = until(realtime.channel(eventNotifications).changes$('events'), ({ type }) => type === 'INSERT', 'a row');
  await addEvent('after nonsense');
  await arrives;
  expect([recorder.sockets.length, store.get().status]).toEqual([1, 'live']);
  stop();
});

test('a topic that the app itself uses is refused by name and taken when it is free', async () => {
  const { realtime, supabase } = await backend.open('sara');
  const own = supabase.channel('global-presence');
  const { store } = realtime.channel(globalPresence);
  const stop = keep(store);
  const refused = await until(store, ({ error }) => error !== null, 'the refusal');
  expect(refused.error?.code).toBe('channel/topic-in-use');
  await supabase.removeChannel(own);
  await until(store, isLive, 'live');
  stop();
});

test('C3: a channel whose token expires is joined again with a fresh one', async () => {
  const { realtime } = await backend.open('sara', { accessToken: () => backend.server.signToken({ sub: people.sara.id, role: 'authenticated' }, { expiresInS: 3 }) });
  const { store } = realtime.channel(challengeDiscussions, { challengeId: 'c0000000-0000-4000-8000-000000000001' });
  const stop = keep(store);
  await until(store, isLive, 'live');
  const expired = await until(store, ({ status }) => status === 'reconnecting', 'the expiry');
  expect(expired.error?.code).toBe('auth/token-expired');
  await until(store, isLive, 'live again');
  stop();
});

test('C3: a private channel refused while the session gave no token is joined once it gives one', async () => {
  let token: string | null = null;
  const { realtime } = await backend.open('sara', { accessToken: () => Promise.resolve(token) });
  const { store } = realtime.channel(globalPresence);
  const stop = keep(store);
  const refused = await until(store, ({ error }) => error !== null, 'the refusal');
  expect(refused).toMatchObject({ status: 'joining', error: { code: 'auth/token-unavailable' } });
  token = await backend.server.signToken({ sub: people.sara.id, role: 'authenticated' });
  await until(store, isLive, 'live');
  stop();
});

test('disconnect and reconnect do what they say', async () => {
  const { realtime } = await backend.open('sara');
  const { store } = realtime.channel(eventNotifications);
  const stop = keep(store);
  await until(store, isLive, 'live');
  realtime.connection.disconnect();
  await until(realtime.connection.store, ({ status }) => status === 'closed', 'closed');
  expect(store.get().status).toBe('disconnected');
  realtime.connection.reconnect();
  await until(store, isLive, 'live again');
  realtime.connection.reconnect();
  await until(store, ({ status }) => status === 'reconnecting', 'a fresh socket');
  await until(store, isLive, 'live once more');
  stop();
});

test('R4: after a server restart on the same port everything is live again', async () => {
  const { realtime } = await backend.open('sara');
  const { store } = realtime.feature(createRealTimeEvents, undefined);
  const stop = keep(store);
  await until(store, isLive, 'live');
  await backend.restart(() => until(realtime.connection.store, ({ status }) => status === 'reconnecting', 'the loss'));
  await until(store, isLive, 'live');
  await addEvent('after the restart');
  await until(store, ({ events }) => events.some(({ title_ar: title }) => title === 'after the restart'), 'the event');
  stop();
}, 120_000);
