import * as z from 'zod/mini';
import { expect, test } from 'vitest';
import { defineChannel, type Gap } from '../src/index.ts';
import { challengeDiscussions, eventNotifications } from '../src/ruwad/index.ts';
import { useBackend } from './support/backend.ts';
import { people } from './support/people.ts';
import { createRecorder } from './support/recordingSocket.ts';
import { keep, until } from './support/until.ts';

const backend = useBackend();
const isLive = ({ status }: { status: string }): boolean => status === 'live';
const CHALLENGES = ['c0000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000002'] as const;

test('C7: a second definition on a public topic has its tables beside it, and the first is not touched', async () => {
  const recorder = createRecorder();
  const { realtime } = await backend.open('sara', { transport: recorder.Transport });
  const other = defineChannel({ name: 'other', topic: 'event-notifications', tables: { ideas: { row: z.object({ id: z.string() }) } }, broadcasts: { wave: z.object({}) } });
  const [first, second] = [realtime.channel(eventNotifications), realtime.channel(other)];
  const gaps: Gap[] = [];
  first.gaps$.subscribe((gap) => gaps.push(gap));
  await until(first.store, isLive, 'live');
  const stop = keep(second.store);
  await until(second.store, isLive, 'the second live');
  expect([recorder.joins(), recorder.leaves(), gaps]).toEqual([['realtime:event-notifications', 'realtime:event-notifications#2'], [], []]);

  const heard = [until(first.changes$('events'), () => true, 'an event'), until(second.changes$('ideas'), () => true, 'an idea'), until(second.broadcast$('wave'), () => true, 'a wave')];
  const { realtime: his } = await backend.open('omar');
  const wave = his.channel(other);
  const waves = keep(wave.store);
  await wave.send('wave', {});
  await backend.server.sql(`insert into public.events (title_ar, event_date, status) values ('x', '2099-01-01', 'planning')`);
  await backend.server.sql('update public.ideas set title_ar = title_ar');
  await Promise.all(heard);
  stop();
  waves();
});

test('C7: definitions on a private topic are joined together, and each gets the rows of its own filter', async () => {
  const recorder = createRecorder();
  const { realtime } = await backend.open('sara', { transport: recorder.Transport });
  const everywhere = defineChannel({
    name: 'everywhere',
    topic: `challenge_discussions:${CHALLENGES[0]}`,
    private: true,
    tables: { challenge_comments: { row: z.object({ id: z.string(), challenge_id: z.string() }) } },
  });
  const [first, second] = [realtime.channel(challengeDiscussions, { challengeId: CHALLENGES[0] }), realtime.channel(everywhere)];
  const seen: { by: string; challenge: string }[] = [];
  const note = (by: string) => (change: { type: string; row?: { challenge_id: string } }): void => {
    seen.push({ by, challenge: change.row?.challenge_id ?? '' });
  };
  first.changes$('challenge_comments').subscribe(note('first'));
  const gap = until(first.gaps$, () => true, 'a gap');
  await until(first.store, isLive, 'live');
  second.changes$('challenge_comments').subscribe(note('second'));
  expect((await gap).reason).toBe('rejoined');
  await until(second.store, isLive, 'the second live');
  const last = until(second.changes$('challenge_comments'), (change) => change.type === 'INSERT' && change.row.challenge_id === CHALLENGES[0], 'the last comment');
  for (const id of [CHALLENGES[1], CHALLENGES[0]]) {
    await backend.server.sql('insert into public.challenge_comments (challenge_id, user_id, content) values ($1, $2, $3)', [id, people.sara.id, 'x']);
  }
  await last;
  expect(seen.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))).toEqual([
    { by: 'first', challenge: CHALLENGES[0] },
    { by: 'second', challenge: CHALLENGES[0] },
    { by: 'second', challenge: CHALLENGES[1] },
  ]);
  expect(recorder.joins()).toHaveLength(2);
  recorder.cut();
  await until(first.store, ({ status }) => status === 'reconnecting', 'the cut');
  await Promise.all([first, second].map(({ store }) => until(store, isLive, 'live again')));
  expect(recorder.joins()).toHaveLength(3);
});
