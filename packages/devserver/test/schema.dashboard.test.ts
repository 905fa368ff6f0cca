import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/database.ts';
import { openProjectDatabase, people, tryRead, tryWrite, undone } from './schemaDatabase.ts';

let db: Database;
beforeAll(async () => {
  db = await openProjectDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.exec('delete from realtime.messages'));

interface Message {
  event: string;
  source: string;
  private: boolean;
}
const messages = () => db.query<Message>(`select event, payload ->> 'source' as source, private from realtime.messages where topic = 'dashboard-updates'`);
const announced = (source: string): Message => ({ event: 'metrics_changed', source, private: true });

describe('admin_dashboard_metrics_view', () => {
  const view = 'select total_users::int, admin_count::int, innovator_count::int, team_members_count::int from public.admin_dashboard_metrics_view';

  it('X1: shows its row to administrators and the service role, and none to anyone else', async () => {
    const row = { total_users: 6, admin_count: 1, innovator_count: 2, team_members_count: 2 };
    expect(await tryRead(db, 'admin', view)).toEqual([row]);
    expect(await tryRead(db, 'service', view)).toEqual([row]);
    expect(await db.query(view)).toEqual([row]);
    for (const person of ['sara', 'layla', 'khalid'] as const) expect(await tryRead(db, person, view)).toEqual([]);
    expect(await tryRead(db, 'anon', view)).toBe('42501');
  });

  it('has the columns that dashboards read', async () => {
    const columns = await db.query<{ name: string }>(`select column_name as name from information_schema.columns where table_name = 'admin_dashboard_metrics_view' order by ordinal_position`);
    expect(columns.map((column) => column.name)).toEqual([
      'total_users', 'active_users_30d', 'new_users_7d', 'new_users_30d', 'admin_count', 'innovator_count', 'expert_count', 'partner_count',
      'evaluator_count', 'domain_expert_count', 'team_members_count', 'user_growth_rate_percentage', 'last_updated',
    ]);
  });

  it('counts growth against the people there were before', async () => {
    expect(await db.query('select new_users_7d::int, new_users_30d::int, user_growth_rate_percentage as growth from public.admin_dashboard_metrics_view')).toEqual([
      { new_users_7d: 1, new_users_30d: 2, growth: '50.00' },
    ]);
  });
});

describe('dashboard-updates', () => {
  it.each([
    ['profiles', `update public.profiles set bio = 'x' where id = '${people.sara}'`],
    ['user_roles', `update public.user_roles set is_active = true where user_id = '${people.sara}'`],
    ['innovation_team_members', `update public.innovation_team_members set status = 'active' where user_id = '${people.noura}'`],
  ])('is told of a change of %s', async (source, sql) => {
    await db.exec(sql);
    expect(await messages()).toEqual([announced(source)]);
  });

  it('is told once of a transaction, and again of the next', async () => {
    const change = () =>
      db.transaction(async (tx) => {
        await tx.exec(`update public.user_roles set granted_at = now()`);
        await tx.exec(`update public.profiles set bio = 'y'`);
      });
    await change();
    await change();
    expect(await messages()).toEqual([announced('user_roles'), announced('user_roles')]);
  });

  it('is told nothing of a statement that changes no row or is rolled back', async () => {
    await db.exec(`delete from public.user_roles where role = 'viewer'`);
    await undone(db, (tx) => tx.exec(`update public.profiles set bio = 'z'`));
    expect(await messages()).toEqual([]);
  });

  it('is told of what a person does who may not speak there', async () => {
    expect(await tryWrite(db, 'sara', `update public.profiles set bio = 'x' where id = '${people.sara}'`)).toBe('ok');
    await db.runAs({ role: 'authenticated', claims: { role: 'authenticated', sub: people.sara } }, (tx) => tx.exec(`update public.profiles set bio = 'hello' where id = '${people.sara}'`));
    expect(await messages()).toEqual([announced('profiles')]);
  });

  it.each([
    ['fails', `create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void language plpgsql as $$ begin raise exception 'down'; end $$`],
    ['is missing', 'drop function realtime.send(jsonb, text, text, boolean)'],
  ])('never fails the write when realtime.send %s', async (_what, sabotage) => {
    const bio = await undone(db, async (tx) => {
      await tx.exec(sabotage);
      await tx.exec(`update public.profiles set bio = 'still written' where id = '${people.omar}'`);
      const [row] = await tx.query<{ bio: string }>(`select bio from public.profiles where id = '${people.omar}'`);
      return row?.bio;
    });
    expect(bio).toBe('still written');
  });
});
