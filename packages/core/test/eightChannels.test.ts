import { describe, expect, test } from 'vitest';
import {
  createChallengeDiscussion,
  createDashboardMetrics,
  createGlobalPresence,
  createIdeaNotifications,
  createOpportunityPresence,
  createRealTimeChallenges,
  createRealTimeEvents,
  createStatistics,
} from '../src/ruwad/index.ts';
import { useBackend } from './support/backend.ts';
import { people } from './support/people.ts';
import { keep, until } from './support/until.ts';

const backend = useBackend();

async function anyId(table: string): Promise<string> {
  const [row] = await backend.server.sql<{ id: string }>(`select id from public.${table} order by id limit 1`);
  if (row === undefined) throw new Error(`the seed has no ${table}`);
  return row.id;
}

describe('each of the eight channels goes live and delivers', () => {
  test('challenge-notifications: a row for the person arrives, one for somebody else does not', async () => {
    const { realtime } = await backend.open('sara');
    const { store, actions } = realtime.feature(createRealTimeChallenges, undefined);
    const release = keep(store);
    const before = await until(store, ({ status }) => status === 'live', 'live');
    expect(before.isConnected).toBe(true);

    const challenge = await anyId('challenges');
    const insert = `insert into public.challenge_notifications (challenge_id, recipient_id, notification_type, title, message) values ($1, $2, 'new_comment', $3, 'm')`;
    await backend.server.sql(insert, [challenge, people.omar.id, 'for omar']);
    await backend.server.sql(insert, [challenge, people.sara.id, 'for sara']);
    const after = await until(store, ({ notifications }) => notifications.length === before.notifications.length + 1, 'the notification');
    expect(after.notifications[0]?.title).toBe('for sara');
    expect(after.unreadCount).toBe(before.unreadCount + 1);

    await actions.markAllAsRead();
    await until(store, ({ unreadCount }) => unreadCount === 0, 'all read');
    await actions.clearNotification(after.notifications[0]?.id ?? '');
    expect(store.get().notifications.map(({ title }) => title)).not.toContain('for sara');
    release();
  });

  test('challenge_discussions: comments are written, changed and deleted, and typing is seen', async () => {
    const challengeId = await anyId('challenges');
    const [sara, omar] = [await backend.open('sara'), await backend.open('omar')];
    const hers = sara.realtime.feature(createChallengeDiscussion, { challengeId });
    const his = omar.realtime.feature(createChallengeDiscussion, { challengeId });
    const releases = [keep(hers.store), keep(his.store)];
    await Promise.all([until(hers.store, ({ status }) => status === 'live', 'live'), until(his.store, ({ status }) => status === 'live', 'live')]);

    hers.actions.setTyping(true);
    const typing = await until(his.store, ({ typingUsers }) => typingUsers.length === 1, 'typing');
    expect(typing.typingUsers).toEqual([{ userId: people.sara.id, name: people.sara.name }]);

    const comment = await hers.actions.postComment('السلام عليكم');
    const posted = await until(his.store, ({ comments, typingUsers }) => comments.at(-1)?.id === comment.id && typingUsers.length === 0, 'the comment');
    expect(posted.comments.at(-1)?.content).toBe('السلام عليكم');
    expect(posted.participants.find(({ userId }) => userId === people.sara.id)?.commentCount).toBeGreaterThan(0);

    await hers.actions.editComment(comment.id, 'edited');
    await until(his.store, ({ comments }) => comments.at(-1)?.content === 'edited', 'the edit');
    await expect(his.actions.editComment(comment.id, 'not mine')).rejects.toMatchObject({ code: 'command/rejected' });
    await hers.actions.deleteComment(comment.id);
    await until(his.store, ({ comments }) => comments.every(({ id }) => id !== comment.id), 'the deletion');
    for (const release of releases) release();
  });

  test('dashboard-updates: an administrator sees the numbers change; others are refused', async () => {
    const { realtime } = await backend.open('admin');
    const { store } = realtime.feature(createDashboardMetrics, undefined);
    const release = keep(store);
    const before = await until(store, ({ metrics }) => metrics !== null, 'the numbers');
    await backend.server.sql(`insert into public.user_roles (user_id, role) values ($1, 'viewer')`, [people.sara.id]);
    await backend.server.sql(`insert into public.innovation_team_members (user_id, cic_role, status) values ($1, 'x', 'active')`, [people.sara.id]);
    await until(store, ({ metrics }) => metrics?.team_members_count === (before.metrics?.team_members_count ?? 0) + 1, 'one more');
    release();

    const other = (await backend.open('sara')).realtime.feature(createDashboardMetrics, undefined);
    const refused = await until(other.store, ({ status }) => status === 'error', 'the refusal');
    expect(refused.error?.code).toBe('channel/forbidden');
  });

  test('event-notifications: an event comes, changes status and goes', async () => {
    const { realtime } = await backend.open('sara');
    const { store } = realtime.feature(createRealTimeEvents, undefined);
    const release = keep(store);
    await until(store, ({ status }) => status === 'live', 'live');
    const [event] = await backend.server.sql<{ id: string }>(`insert into public.events (title_ar, event_date, status) values ('لقاء', '2099-01-01', 'planning') returning id`);
    const added = await until(store, ({ eventUpdates }) => eventUpdates.length === 1, 'the event');
    expect(added.events[0]?.id).toBe(event?.id);
    await backend.server.sql(`update public.events set status = 'active' where id = $1`, [event?.id]);
    const changed = await until(store, ({ eventUpdates }) => eventUpdates.length === 2, 'the status');
    expect(changed.eventUpdates[0]).toMatchObject({ type: 'UPDATE', previousStatus: 'planning', newStatus: 'active' });
    await backend.server.sql(`delete from public.events where id = $1`, [event?.id]);
    const gone = await until(store, ({ eventUpdates }) => eventUpdates.length === 3, 'the end');
    expect(gone.events.every(({ id }) => id !== event?.id)).toBe(true);
    expect(gone.eventUpdates[0]).toMatchObject({ type: 'DELETE', previousStatus: 'active', event: { title_ar: 'لقاء' } });
    release();
  });

  test('idea-notifications: the status of an own idea', async () => {
    const { realtime } = await backend.open('sara');
    const { store } = realtime.feature(createIdeaNotifications, undefined);
    const release = keep(store);
    const { ideas } = await until(store, ({ status }) => status === 'live', 'live');
    const idea = ideas[0];
    expect(idea).toBeDefined();
    await backend.server.sql(`update public.ideas set status = 'approved' where id = $1`, [idea?.id]);
    const changed = await until(store, ({ ideaUpdates }) => ideaUpdates.length === 1, 'the status');
    expect(changed.ideaUpdates[0]).toMatchObject({ ideaId: idea?.id, previousStatus: idea?.status, newStatus: 'approved' });
    release();
  });

  test('opportunity-presence: people come, focus, point and go', async () => {
    const opportunityId = await anyId('opportunities');
    const [sara, omar] = [await backend.open('sara'), await backend.open('omar')];
    const hers = sara.realtime.feature(createOpportunityPresence, { opportunityId });
    const his = omar.realtime.feature(createOpportunityPresence, { opportunityId });
    const releases = [keep(hers.store), keep(his.store)];
    await until(hers.store, ({ userCount }) => userCount === 2, 'two people');
    const his2 = await until(his.store, ({ userCount }) => userCount === 2, 'two people');
    expect(his2.collaborators).toMatchObject([{ userId: people.sara.id, name: people.sara.name, status: 'viewing', connections: 1 }]);
    await hers.actions.updatePresenceStatus('editing');
    await until(his.store, ({ collaborators }) => collaborators[0]?.status === 'editing' && collaborators[0].connections === 1, 'editing');
    hers.actions.notifyFieldFocus('title', 'focus');
    await until(his.store, ({ editedFields }) => editedFields['title'] === people.sara.id, 'the focus');
    expect(his.actions.isFieldBeingEdited('title')).toBe(true);
    hers.actions.moveCursor('overview', { x: 0.5, y: 0.25 });
    const pointed = await until(his.store, ({ cursors }) => cursors.length === 1, 'the cursor');
    expect(pointed.cursors[0]).toEqual({ userId: people.sara.id, section: 'overview', x: 0.5, y: 0.25 });
    await sara.close();
    const alone = await until(his.store, ({ userCount }) => userCount === 1, 'alone');
    expect(alone).toMatchObject({ cursors: [], editedFields: {} });
    for (const release of releases) release();
  });

  test('statistics-notifications: counters move and alerts appear for an administrator', async () => {
    const { realtime } = await backend.open('admin');
    const { store, actions } = realtime.feature(createStatistics, undefined);
    const release = keep(store);
    const before = await until(store, ({ status }) => status === 'live', 'live');
    await backend.server.sql(`insert into public.analytics_events (event_type, properties) values ('error', '{"error_count": 12}')`);
    const after = await until(store, ({ counters, alerts }) => alerts.length === 1 && counters['error'] === (before.counters['error'] ?? 0) + 1, 'the event');
    expect(after.alerts[0]).toMatchObject({ type: 'error_spike', severity: 'high', value: 12 });
    expect(after.hourly.reduce((a, b) => a + b)).toBe(before.hourly.reduce((a, b) => a + b) + 1);
    actions.clearAlert(after.alerts[0]?.id ?? '');
    expect(store.get().alerts).toEqual([]);
    release();
  });

  test('global-presence: people are counted once, by role and place', async () => {
    const [sara, tab, admin] = [await backend.open('sara'), await backend.open('sara'), await backend.open('admin')];
    const hers = sara.realtime.feature(createGlobalPresence, undefined);
    const releases = [keep(hers.store), keep(tab.realtime.feature(createGlobalPresence, undefined).store), keep(admin.realtime.feature(createGlobalPresence, undefined).store)];
    const all = await until(hers.store, ({ onlineUsers }) => onlineUsers.length === 2 && onlineUsers.some(({ connections }) => connections === 2), 'two people, three tabs');
    expect(all).toMatchObject({ totalOnline: 2, byRole: { innovator: 1, admin: 1 }, byLocation: { '/': 2 } });
    await admin.realtime.feature(createGlobalPresence, undefined).actions.updateLocation({ page: '/ideas' });
    await until(hers.store, ({ byLocation }) => byLocation['/ideas'] === 1, 'the new place');
    await admin.close();
    const left = await until(hers.store, ({ totalOnline }) => totalOnline === 1, 'one left');
    expect(left.recentActivity[0]).toMatchObject({ userId: people.admin.id, action: 'left' });
    for (const release of releases) release();
  });
});
