import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/database.ts';
import { openProjectDatabase, people } from './schemaDatabase.ts';

let db: Database;
beforeAll(async () => {
  db = await openProjectDatabase();
});
afterAll(() => db.close());

const column = async (sql: string) => (await db.query<{ name: string }>(sql)).map((row) => row.name);

describe('every table of the schema public', () => {
  it('X1: has row level security and at least one policy', async () => {
    const open = await column(`
      select c.relname as name from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and (not c.relrowsecurity or not exists (select 1 from pg_policy p where p.polrelid = c.oid))`);
    expect(open).toEqual([]);
  });

  it('has a primary key', async () => {
    expect(
      await column(`
        select c.relname as name from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and not exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary)`),
    ).toEqual([]);
  });

  it('has an index for each of its foreign keys', async () => {
    expect(
      await column(`
        select k.conrelid::regclass || '.' || a.attname as name
        from pg_constraint k
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
        where k.contype = 'f' and k.connamespace = 'public'::regnamespace and not exists (
          select 1 from pg_index i where i.indrelid = k.conrelid and i.indkey[0] = k.conkey[1] and i.indpred is null
        )`),
    ).toEqual([]);
  });

  it('stamps its updated_at, where it has one', async () => {
    expect(
      await column(`
        select a.attrelid::regclass::text as name from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'updated_at'
          and not exists (select 1 from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = 'public.set_updated_at'::regproc)`),
    ).toEqual([]);
  });

  it('X1: is out of reach for people who are not signed in, but for reading comments', async () => {
    expect(
      await column(`
        select distinct table_name || ' ' || privilege_type as name from information_schema.role_table_grants
        where table_schema = 'public' and grantee = 'anon'`),
    ).toEqual(['challenge_comments SELECT']);
  });
});

describe('functions of the schema public', () => {
  it('X1: have a fixed, empty search path', async () => {
    expect(
      await column(`
        select p.oid::regprocedure::text as name from pg_proc p
        where p.pronamespace = 'public'::regnamespace and not coalesce(p.proconfig @> array['search_path=""'], false)`),
    ).toEqual([]);
  });

  it('X1: cannot be called by people who are not signed in', async () => {
    expect(
      await column(`
        select p.oid::regprocedure::text as name from pg_proc p
        where p.pronamespace = 'public'::regnamespace and has_function_privilege('anon', p.oid, 'execute')`),
    ).toEqual([]);
  });
});

describe('the publication supabase_realtime', () => {
  it('carries the tables that channels listen to, and no other', async () => {
    expect(await column(`select tablename as name from pg_publication_tables where pubname = 'supabase_realtime' order by 1`)).toEqual([
      'analytics_events',
      'analytics_hourly',
      'challenge_bookmarks',
      'challenge_comments',
      'challenge_notifications',
      'challenge_participants',
      'challenges',
      'event_bookmarks',
      'event_participants',
      'events',
      'idea_bookmarks',
      'ideas',
      'opportunities',
      'opportunity_bookmarks',
      'partner_bookmarks',
    ]);
  });

  it('has the whole old row of everything but the analytics tables', async () => {
    expect(
      await column(`
        select c.relname as name from pg_publication_tables t
        join pg_class c on c.relname = t.tablename and c.relnamespace = 'public'::regnamespace
        where t.pubname = 'supabase_realtime' and c.relreplident <> 'f' order by 1`),
    ).toEqual(['analytics_events', 'analytics_hourly']);
  });
});

describe('versions of rows', () => {
  it('updated_at grows with every update, also within one transaction and against the clock', async () => {
    const id = `'c2000000-0000-4000-8000-000000000001'`;
    const stamps = await db.transaction(async (tx) => {
      const update = () => tx.query<{ at: string }>(`update public.challenge_comments set content = content || '.' where id = ${id} returning updated_at::text as at`);
      const [first] = await update();
      const [second] = await update();
      return [first?.at, second?.at];
    });
    const [order] = await db.query<{ grew: boolean }>('select $1::timestamptz < $2::timestamptz as grew', stamps);
    expect(order?.grew).toBe(true);
  });

  it('cannot be set by whoever updates', async () => {
    const [row] = await db.query<{ fresh: boolean }>(
      `update public.challenges set updated_at = '2001-01-01' where id = 'c0000000-0000-4000-8000-000000000001'
       returning updated_at > now() - interval '1 hour' as fresh`,
    );
    expect(row?.fresh).toBe(true);
  });
});

describe('accounts', () => {
  it('get a profile with their name, and keep its address up to date', async () => {
    const id = 'a0000000-0000-4000-8000-0000000000aa';
    const rows = await db.transaction(async (tx) => {
      await tx.query(`insert into auth.users (id, email, raw_user_meta_data) values ($1, 'huda@ruwad.example', '{"name_ar": "هدى"}')`, [id]);
      await tx.query(`update auth.users set email = 'huda.new@ruwad.example' where id = $1`, [id]);
      const profiles = await tx.query('select name, name_ar, email, preferred_language from public.profiles where id = $1', [id]);
      await tx.query('delete from auth.users where id = $1', [id]);
      return [...profiles, ...(await tx.query('select name from public.profiles where id = $1', [id]))];
    });
    expect(rows).toEqual([{ name: 'huda', name_ar: 'هدى', email: 'huda.new@ruwad.example', preferred_language: 'ar' }]);
  });
});

describe('a changed status of a challenge', () => {
  it('is told to its active participants who want to hear it, with the codes to localise', async () => {
    const challenge = 'c0000000-0000-4000-8000-000000000001';
    await db.query(`update public.challenge_participants set notifications_enabled = false where challenge_id = $1 and user_id = $2`, [challenge, people.omar]);
    await db.query(`insert into public.challenge_participants (challenge_id, user_id) values ($1, $2)`, [challenge, people.layla]);
    await db.query(`delete from public.challenge_notifications where notification_type = 'status_change'`);
    await db.query(`update public.challenges set status = 'evaluation' where id = $1`, [challenge]);
    await db.query(`update public.challenges set status = 'evaluation', priority_level = 'low' where id = $1`, [challenge]);
    expect(await db.query(`select recipient_id, metadata ->> 'old_status' as was, metadata ->> 'new_status' as is from public.challenge_notifications where notification_type = 'status_change'`)).toEqual([
      { recipient_id: people.sara, was: 'active', is: 'evaluation' },
    ]);
  });
});
