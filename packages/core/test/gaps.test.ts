import { beforeEach, expect, test } from 'vitest';
import type { Gap } from '../src/index.ts';
import { eventNotifications } from '../src/ruwad/index.ts';
import { useBackend } from './support/backend.ts';
import { people, type App } from './support/people.ts';
import { createRecorder } from './support/recordingSocket.ts';
import { until } from './support/until.ts';

const backend = useBackend();
const isLive = ({ status }: { status: string }): boolean => status === 'live';

let gaps: Gap[];
beforeEach(() => {
  gaps = [];
});

/** Follows the gaps of the app's events, and resolves when they are live. */
async function follow({ realtime }: App) {
  const channel = realtime.channel(eventNotifications);
  channel.gaps$.subscribe((gap) => gaps.push(gap));
  const firstGap = until(channel.gaps$, () => true, 'a gap');
  firstGap.catch(() => undefined); // where none is awaited
  await until(channel.store, isLive, 'live');
  return { channel, firstGap };
}
const addEvent = (title: string): Promise<unknown> => backend.server.sql(`insert into public.events (title_ar, event_date, status) values ($1, '2099-01-01', 'planning')`, [title]);

test('R10: a cut is a gap that began before it, and ended when the channel was live again', async () => {
  const recorder = createRecorder();
  const app = await backend.open('sara', { transport: recorder.Transport });
  const { channel, firstGap } = await follow(app);
  const liveAt = channel.store.get().since;
  const cutAt = Date.now();
  recorder.cut();
  const gap = await firstGap;
  expect(gap).toMatchObject({ channel: 'event-notifications', reason: 'rejoined', until: channel.store.get().since });
  expect([gap.since >= liveAt, gap.since <= cutAt, gap.until >= cutAt]).toEqual([true, true, true]);
  expect(gaps).toHaveLength(1);
});

test('R10: a subscription that the server makes again by itself is a gap, and the channel stays live', async () => {
  const app = await backend.open('sara');
  const { channel, firstGap } = await follow(app);
  const { since } = channel.store.get();
  await backend.server.faults.recheckPublication();
  expect(await firstGap).toMatchObject({ channel: 'event-notifications', reason: 'resubscribed', since });
  expect(channel.store.get()).toMatchObject({ status: 'live', since });
});

test('R10: the confirmation that follows a new access token is no gap', async () => {
  let issued = 0;
  const app = await backend.open('sara', {
    accessToken: () => backend.server.signToken({ sub: people.sara.id, role: 'authenticated', jti: String((issued += 1)) }),
  });
  const confirmations: unknown[] = [];
  app.supabase.realtime.stateChangeCallbacks.message.push(['test', (frame: { event?: string; payload?: unknown }) => {
    if (frame.event === 'system') confirmations.push(frame.payload);
  }]);
  const { channel, firstGap } = await follow(app);
  const before = confirmations.length;
  await app.supabase.realtime.setAuth();
  // A change that arrives after the second confirmation proves that nothing more was said about it.
  await expect.poll(() => confirmations.length, { timeout: 10_000 }).toBe(before + 1);
  const arrived = until(channel.changes$('events'), () => true, 'a change');
  await addEvent('later');
  await arrived;
  expect(gaps).toEqual([]);
  // The next one is nobody's doing again.
  await backend.server.faults.recheckPublication();
  expect(await firstGap).toMatchObject({ reason: 'resubscribed' });
});
