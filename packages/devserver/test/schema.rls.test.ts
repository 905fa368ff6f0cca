import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPostgresError, type Database } from '../src/database/database.ts';
import { as, openProjectDatabase, people, tryRead, tryWrite, undone, type Person } from './schemaDatabase.ts';

let db: Database;
beforeAll(async () => {
  db = await openProjectDatabase();
});
afterAll(() => db.close());

const { admin, sara, omar, layla, noura, khalid } = people;
const challenge = 'c0000000-0000-4000-8000-000000000002';
const everyone: Person[] = ['anon', 'admin', 'sara', 'omar', 'layla', 'noura', 'khalid', 'service'];

/** For each table the rows a person may see, as a condition; whoever is not named gets `others`, `refused` is 42501. */
type Sight = Partial<Record<Person, string>> & { others: string };
const signedIn: Sight = { anon: 'refused', others: 'true' };
const own = (column: string): Sight => ({ anon: 'refused', service: 'true', others: `${column} = auth_uid` });
const adminsOnly: Sight = { anon: 'refused', admin: 'true', service: 'true', others: 'false' };

const sights: Record<string, Sight> = {
  profiles: signedIn,
  user_roles: { ...own('user_id'), admin: 'true' },
  innovation_team_members: { ...own('user_id'), admin: 'true' },
  partners: signedIn,
  opportunities: { anon: 'refused', sara: `visibility = 'public'`, omar: `visibility = 'public'`, noura: `visibility = 'public'`, others: 'true' },
  challenges: signedIn,
  challenge_notifications: own('recipient_id'),
  challenge_comments: { others: 'true' },
  challenge_participants: signedIn,
  events: signedIn,
  event_participants: { ...own('user_id'), admin: 'true', noura: 'true' },
  innovators: signedIn,
  ideas: {
    anon: 'refused',
    admin: 'true',
    service: 'true',
    others: `status in ('approved', 'published') or innovator_id in (select id from public.innovators where user_id = auth_uid)`,
  },
  analytics_events: adminsOnly,
  analytics_hourly: adminsOnly,
  challenge_bookmarks: own('user_id'),
  idea_bookmarks: own('user_id'),
  event_bookmarks: own('user_id'),
  opportunity_bookmarks: own('user_id'),
  partner_bookmarks: own('user_id'),
};

/** A key that is readable on every table: hours have no id, and profiles do not grant whole rows. */
const keyOf = (table: string) => (table === 'analytics_hourly' ? `event_type || hour` : 'id::text');

describe('reading', () => {
  it('X1: is described here for every table of the schema public', async () => {
    const tables = await db.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public' order by 1`);
    expect(tables.map((table) => table.name)).toEqual(Object.keys(sights).sort());
  });

  it.each(Object.entries(sights))('X1: %s shows each person their rows and no other', async (table, sight) => {
    const seen: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    for (const person of everyone) {
      const rows = await tryRead<{ key: string }>(db, person, `select ${keyOf(table)} as key from public.${table} order by 1`);
      seen[person] = typeof rows === 'string' ? rows : rows.map((row) => row.key);
      expected[person] = await expectedKeys(table, sight[person] ?? sight.others, person);
    }
    expect(seen).toEqual(expected);
  });

  it.each(Object.keys(sights))('has rows of %s in the seed, so that the test above can fail', async (table) => {
    expect(await db.query(`select 1 from public.${table} limit 1`)).toHaveLength(1);
  });

  it('X2: profiles show names, but not how to reach their people', async () => {
    expect(await tryRead(db, 'sara', 'select id, name, name_ar from public.profiles limit 1')).toHaveLength(1);
    expect(await tryRead(db, 'sara', 'select email from public.profiles')).toBe('42501');
    expect(await tryRead(db, 'admin', 'select phone from public.profiles')).toBe('42501');
    expect(await tryRead(db, 'sara', 'select email from auth.users')).toBe('42501');
    expect(await tryRead(db, 'service', 'select email from auth.users')).toBe('42501');
  });

  it('X1: a role that expired or was switched off counts no more', async () => {
    await db.transaction(async (tx) => {
      await tx.exec(`insert into public.user_roles (user_id, role, expires_at) values ('${omar}', 'admin', now() - interval '1 second')`);
      await tx.exec(`insert into public.user_roles (user_id, role, is_active) values ('${khalid}', 'admin', false)`);
    });
    for (const person of ['omar', 'khalid'] as const) {
      expect(await tryRead(db, person, 'select public.is_admin() as admin')).toEqual([{ admin: false }]);
    }
    await db.exec(`delete from public.user_roles where role = 'admin' and user_id in ('${omar}', '${khalid}')`);
  });

  async function expectedKeys(table: string, condition: string, person: Person): Promise<unknown> {
    if (condition === 'refused') return '42501';
    const uid = person in people ? people[person as keyof typeof people] : '00000000-0000-0000-0000-000000000000';
    const rows = await db.query<{ key: string }>(
      `select ${keyOf(table)} as key from public.${table}, (select '${uid}'::uuid as auth_uid) caller where ${condition} order by 1`,
    );
    return rows.map((row) => row.key);
  }
});

const REFUSED = '42501';
/** Person, statement, outcome: `ok`, `nothing` (the policies hid the row) or the SQLSTATE. */
const writes: [Person, string, string][] = [
  // Notifications: recipients mark and clear; only managers send, by function.
  ['sara', `update challenge_notifications set is_read = true where recipient_id = '${sara}'`, 'ok'],
  ['sara', `update challenge_notifications set is_read = true where recipient_id = '${omar}'`, 'nothing'],
  ['sara', `update challenge_notifications set message = 'x' where recipient_id = '${sara}'`, REFUSED],
  ['sara', `delete from challenge_notifications where recipient_id = '${sara}'`, 'ok'],
  ['omar', `delete from challenge_notifications where recipient_id = '${sara}'`, 'nothing'],
  ['admin', `insert into challenge_notifications (challenge_id, recipient_id, notification_type, title, message) values ('${challenge}', '${sara}', 'status_change', 't', 'm')`, REFUSED],
  ['admin', `select send_challenge_notification('${challenge}', '${sara}', 'deadline_reminder', 'تذكير', 'غدًا')`, 'ok'],
  ['service', `select send_challenge_notification('${challenge}', '${sara}', 'deadline_reminder', 'تذكير', 'غدًا')`, 'ok'],
  ['sara', `select send_challenge_notification('${challenge}', '${omar}', 'deadline_reminder', 't', 'm')`, REFUSED],
  ['anon', `select send_challenge_notification('${challenge}', '${omar}', 'deadline_reminder', 't', 'm')`, REFUSED],
  ['admin', `select send_challenge_notification('${challenge}', '${sara}', 'gossip', 't', 'm')`, '23514'],
  // Comments: as oneself; nobody marks themselves an expert or pins.
  ['sara', `insert into challenge_comments (challenge_id, content) values ('${challenge}', 'أحسنتم')`, 'ok'],
  ['sara', `insert into challenge_comments (challenge_id, user_id, content) values ('${challenge}', '${omar}', 'x')`, REFUSED],
  ['anon', `insert into challenge_comments (challenge_id, content) values ('${challenge}', 'x')`, REFUSED],
  ['sara', `insert into challenge_comments (challenge_id, content) values ('${challenge}', '   ')`, '23514'],
  ['sara', `insert into challenge_comments (challenge_id, content, is_pinned) values ('${challenge}', 'x', true)`, REFUSED],
  ['sara', `update challenge_comments set content = 'x' where user_id = '${sara}'`, 'ok'],
  ['sara', `update challenge_comments set content = 'x' where user_id = '${layla}'`, 'nothing'],
  ['sara', `update challenge_comments set is_expert_comment = true where user_id = '${sara}'`, REFUSED],
  ['sara', `delete from challenge_comments where user_id = '${sara}'`, 'ok'],
  ['sara', `delete from challenge_comments where user_id = '${layla}'`, 'nothing'],
  ['admin', `delete from challenge_comments where user_id = '${layla}'`, 'ok'],
  // Challenges and participation.
  ['sara', `update challenges set status = 'active' where id = '${challenge}'`, 'nothing'],
  ['sara', `insert into challenges (title_ar, description_ar) values ('ت', 'و')`, REFUSED],
  ['admin', `update challenges set status = 'active' where id = '${challenge}'`, 'ok'],
  ['admin', `insert into challenges (title_ar, description_ar) values ('ت', 'و')`, 'ok'],
  ['omar', `insert into challenge_participants (challenge_id) values ('${challenge}')`, 'ok'],
  ['omar', `insert into challenge_participants (challenge_id, status) values ('${challenge}', 'active')`, REFUSED],
  ['omar', `insert into challenge_participants (challenge_id, user_id) values ('${challenge}', '${layla}')`, REFUSED],
  ['sara', `insert into challenge_participants (challenge_id) values ('${challenge}')`, '23505'],
  ['sara', `update challenge_participants set notifications_enabled = false where user_id = '${sara}'`, 'ok'],
  ['sara', `update challenge_participants set status = 'active' where user_id = '${sara}' and challenge_id = '${challenge}'`, REFUSED],
  ['sara', `update challenge_participants set challenge_id = 'c0000000-0000-4000-8000-000000000006' where user_id = '${sara}'`, REFUSED],
  ['sara', `update challenge_participants set status = 'inactive' where user_id = '${sara}'`, 'ok'],
  ['admin', `update challenge_participants set status = 'disqualified' where user_id = '${sara}'`, 'ok'],
  // Events.
  ['sara', `update events set status = 'active'`, 'nothing'],
  ['noura', `update events set status = 'active'`, 'ok'],
  ['noura', `insert into events (title_ar, event_date) values ('لقاء', current_date)`, 'ok'],
  ['sara', `insert into events (title_ar, event_date) values ('لقاء', current_date)`, REFUSED],
  ['layla', `insert into event_participants (event_id) values ('e0000000-0000-4000-8000-000000000001')`, 'ok'],
  ['layla', `insert into event_participants (event_id, user_id) values ('e0000000-0000-4000-8000-000000000003', '${sara}')`, REFUSED],
  ['layla', `delete from event_participants where user_id = '${sara}'`, 'nothing'],
  // Ideas: one's own until review; scores and approval are not the innovator's.
  ['sara', `update ideas set title_ar = 'x' where id = 'd0000000-0000-4000-8000-000000000003'`, 'ok'],
  ['sara', `update ideas set status = 'submitted' where id = 'd0000000-0000-4000-8000-000000000003'`, 'ok'],
  ['sara', `update ideas set status = 'approved' where id = 'd0000000-0000-4000-8000-000000000003'`, REFUSED],
  ['sara', `update ideas set overall_score = 99 where id = 'd0000000-0000-4000-8000-000000000003'`, REFUSED],
  ['sara', `update ideas set title_ar = 'x' where id = 'd0000000-0000-4000-8000-000000000002'`, 'nothing'],
  ['omar', `update ideas set title_ar = 'x' where id = 'd0000000-0000-4000-8000-000000000003'`, 'nothing'],
  ['sara', `insert into ideas (title_ar, description_ar, innovator_id) values ('ف', 'و', 'd1000000-0000-4000-8000-000000000002')`, 'ok'],
  ['sara', `insert into ideas (title_ar, description_ar, innovator_id) values ('ف', 'و', 'd1000000-0000-4000-8000-000000000003')`, REFUSED],
  ['sara', `insert into ideas (title_ar, description_ar, innovator_id, overall_score) values ('ف', 'و', 'd1000000-0000-4000-8000-000000000002', 100)`, REFUSED],
  ['admin', `update ideas set status = 'approved', overall_score = 90 where id = 'd0000000-0000-4000-8000-000000000001'`, 'ok'],
  ['service', `update ideas set overall_score = 90 where id = 'd0000000-0000-4000-8000-000000000001'`, 'ok'],
  ['layla', `insert into innovators (user_id) values ('${layla}')`, 'ok'],
  ['layla', `insert into innovators (user_id) values ('${noura}')`, REFUSED],
  ['sara', `update innovators set innovation_score = 100 where user_id = '${sara}'`, REFUSED],
  // Partners and opportunities.
  ['khalid', `update opportunities set status = 'closed'`, 'ok'],
  ['sara', `update opportunities set status = 'closed'`, 'nothing'],
  ['khalid', `insert into partners (name) values ('New')`, 'ok'],
  ['omar', `insert into partners (name) values ('New')`, REFUSED],
  // Roles: administrators, but only a super_admin makes another.
  ['sara', `insert into user_roles (user_id, role) values ('${sara}', 'admin')`, REFUSED],
  ['sara', `update user_roles set role = 'admin' where user_id = '${sara}'`, 'nothing'],
  ['admin', `insert into user_roles (user_id, role) values ('${sara}', 'super_admin')`, 'ok'],
  ['sara', `insert into innovation_team_members (user_id, cic_role) values ('${sara}', 'x')`, REFUSED],
  ['admin', `insert into innovation_team_members (user_id, cic_role) values ('${sara}', 'x')`, 'ok'],
  // Profiles.
  ['sara', `update profiles set name_ar = 'سارة' where id = '${sara}'`, 'ok'],
  ['sara', `update profiles set name_ar = 'x' where id = '${omar}'`, 'nothing'],
  ['sara', `update profiles set email = 'x' where id = '${sara}'`, REFUSED],
  ['sara', `delete from profiles where id = '${sara}'`, REFUSED],
  // Bookmarks.
  ['sara', `insert into idea_bookmarks (idea_id) values ('d0000000-0000-4000-8000-000000000005')`, 'ok'],
  ['sara', `insert into idea_bookmarks (idea_id, user_id) values ('d0000000-0000-4000-8000-000000000005', '${omar}')`, REFUSED],
  ['sara', `insert into challenge_bookmarks (challenge_id) values ('c0000000-0000-4000-8000-000000000001')`, '23505'],
  ['admin', `delete from challenge_bookmarks where user_id = '${sara}'`, 'nothing'],
  ['sara', `update challenge_bookmarks set user_id = '${omar}' where user_id = '${sara}'`, REFUSED],
  // Analytics: people add what they did, now; they do not read or count.
  ['sara', `select track_event('page_view', '{"path": "/"}')`, 'ok'],
  ['anon', `select track_event('page_view')`, REFUSED],
  ['sara', `insert into analytics_events (event_type) values ('page_view')`, 'ok'],
  ['sara', `insert into analytics_events (event_type, user_id) values ('page_view', '${omar}')`, REFUSED],
  ['sara', `insert into analytics_events (event_type, "timestamp") values ('page_view', '2001-01-01')`, REFUSED],
  ['sara', `insert into analytics_events (event_type, properties) values ('page_view', jsonb_build_object('x', repeat('x', 9000)))`, '23514'],
  ['sara', `delete from analytics_events`, 'nothing'],
  ['admin', `delete from analytics_events where event_type = 'error'`, 'ok'],
  ['admin', `update analytics_hourly set count = 1`, REFUSED],
];

/** Without a WHERE the SELECT policies do not help: a write must be kept to these rows by its own policies. */
const blindWrites: [Person, string, string][] = [
  ['sara', 'update challenge_notifications set is_read = true', `challenge_notifications where recipient_id = '${sara}'`],
  ['sara', 'delete from challenge_notifications', `challenge_notifications where recipient_id = '${sara}'`],
  ['sara', `update challenge_comments set content = 'x'`, `challenge_comments where user_id = '${sara}'`],
  ['sara', 'delete from challenge_comments', `challenge_comments where user_id = '${sara}'`],
  ['sara', 'update challenge_participants set notifications_enabled = false', `challenge_participants where user_id = '${sara}'`],
  ['sara', 'delete from challenge_participants', `challenge_participants where user_id = '${sara}'`],
  ['sara', `update event_participants set notes = 'x'`, `event_participants where user_id = '${sara}'`],
  ['sara', 'delete from event_participants', `event_participants where user_id = '${sara}'`],
  ['sara', `update ideas set title_ar = 'x'`, `ideas where id = 'd0000000-0000-4000-8000-000000000003'`],
  ['sara', 'delete from ideas', `ideas where id = 'd0000000-0000-4000-8000-000000000003'`],
  ['sara', `update innovators set experience_level = 'x'`, `innovators where user_id = '${sara}'`],
  ['sara', `update profiles set bio = 'x'`, `profiles where id = '${sara}'`],
  ['sara', 'update partner_bookmarks set notes = null', `partner_bookmarks where user_id = '${sara}'`],
  ...['challenge', 'idea', 'event', 'opportunity', 'partner'].map((item): [Person, string, string] => ['omar', `delete from ${item}_bookmarks`, `${item}_bookmarks where user_id = '${omar}'`]),
  ...['challenges', 'events', 'opportunities', 'partners', 'user_roles', 'innovation_team_members', 'analytics_events'].map((table): [Person, string, string] => ['sara', `delete from ${table}`, `${table} where false`]),
];

describe('writing', () => {
  it.each(blindWrites)('X1: %s: %s → only %s', async (person, sql, own) => {
    const [oracle] = await db.query<{ rows: number }>(`select count(*)::int as rows from ${own}`);
    const { affectedRows } = await db.runAs(as(person), (tx) => tx.run(sql), { rollback: true });
    expect(affectedRows).toBe(oracle?.rows);
  });

  it.each(writes)('X1: %s: %s → %s', async (person, sql, outcome) => {
    expect(await tryWrite(db, person, sql)).toBe(outcome);
  });

  it('X1: an administrator who is no super_admin cannot make one', async () => {
    await db.exec(`delete from public.user_roles where user_id = '${admin}' and role = 'super_admin'`);
    expect(await tryWrite(db, 'admin', `insert into user_roles (user_id, role) values ('${sara}', 'super_admin')`)).toBe(REFUSED);
    expect(await tryWrite(db, 'admin', `insert into user_roles (user_id, role) values ('${sara}', 'evaluator')`)).toBe('ok');
  });

  it('marks the comments of experts by itself', async () => {
    const insert = (person: Person) =>
      db.runAs(as(person), (tx) => tx.query(`insert into challenge_comments (challenge_id, content) values ('${challenge}', 'رأيي') returning is_expert_comment as expert`), { rollback: true });
    expect([await insert('layla'), await insert('sara')]).toEqual([[{ expert: true }], [{ expert: false }]]);
  });
});

describe('private channels', () => {
  const rooms = ['challenge_discussions:c0000000-0000-4000-8000-000000000001', 'opportunity-presence-f0000000-0000-4000-8000-000000000001', 'global-presence'];

  /** What Realtime does for a join and for sending: the policies decide about a row with that topic and extension. */
  async function rights(person: Person, topic: string, extension: 'broadcast' | 'presence'): Promise<string> {
    const insert = `insert into realtime.messages (topic, extension) values ('${topic}', '${extension}')`;
    const { role, claims } = as(person);
    const hear = await undone(db, async (tx) => {
      await tx.exec(insert);
      await tx.query(`select set_config('request.jwt.claims', $1, true), set_config('realtime.topic', $2, true), set_config('role', $3, true)`, [JSON.stringify(claims), topic, role]);
      return (await tx.query(`select 1 from realtime.messages where topic = $1 and extension = $2`, [topic, extension])).length > 0;
    });
    const speak = await undone(db, async (tx) => {
      await tx.query(`select set_config('request.jwt.claims', $1, true), set_config('realtime.topic', $2, true), set_config('role', $3, true)`, [JSON.stringify(claims), topic, role]);
      return tx.exec(insert).then(() => true, refused);
    });
    return `${hear ? 'hears' : 'deaf'}, ${speak ? 'speaks' : 'mute'}`;
  }

  it.each(rooms)('X1: %s is for people who are signed in', async (topic) => {
    for (const extension of ['broadcast', 'presence'] as const) {
      expect(await rights('sara', topic, extension)).toBe('hears, speaks');
      expect(await rights('anon', topic, extension)).toBe('deaf, mute');
    }
  });

  it('X1: dashboard-updates is heard by administrators, and nobody speaks there', async () => {
    expect(await rights('admin', 'dashboard-updates', 'broadcast')).toBe('hears, mute');
    expect(await rights('sara', 'dashboard-updates', 'broadcast')).toBe('deaf, mute');
    expect(await rights('admin', 'dashboard-updates', 'presence')).toBe('deaf, mute');
  });

  it.each(['secrets', 'challenge_discussions', 'challengeXdiscussions:1', 'x-global-presence'])('X1: %s is nobody’s', async (topic) => {
    expect(await rights('admin', topic, 'broadcast')).toBe('deaf, mute');
  });
});

function refused(error: unknown): false {
  if (isPostgresError(error) && error.code === REFUSED) return false;
  throw error;
}
