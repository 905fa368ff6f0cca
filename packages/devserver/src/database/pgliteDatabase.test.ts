import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingLogger } from '../../test/support/recordingLogger.ts';
import { isPostgresError, type Caller, type Database } from './database.ts';
import { openDatabase } from './openDatabase.ts';

const logger = recordingLogger();
const user: Caller = { role: 'authenticated', claims: { sub: 'user-1', role: 'authenticated' } };
let db: Database;

beforeAll(async () => {
  db = await openDatabase({ dataDir: null, logger });
  await db.exec(`
    create table public.notes (id bigint primary key, owner text not null, body text not null);
    alter table public.notes enable row level security;
    create policy own on public.notes using (owner = (current_setting('request.jwt.claims', true)::json ->> 'sub'));
    insert into public.notes values (1, 'user-1', 'mine'), (2, 'user-2', 'yours');
  `);
});

afterAll(() => db.close());

const ids = (caller: Caller) => db.runAs(caller, async (tx) => (await tx.query<{ id: string }>('select id from notes order by id')).map(({ id }) => id));

describe('runAs', () => {
  it('sees the rows that row level security gives the caller', async () => {
    expect(await ids(user)).toEqual(['1']);
    expect(await ids({ role: 'authenticated', claims: { sub: 'user-2' } })).toEqual(['2']);
    expect(await ids({ role: 'anon', claims: {} })).toEqual([]);
    expect(await ids({ role: 'service_role', claims: {} })).toEqual(['1', '2']);
  });

  it('tells the database of caller and request, for its own transaction only', async () => {
    const settings = `select current_user::text as role, session_user::text as session, current_setting('request.jwt.claims', true) as claims,
      current_setting('request.jwt.claim.sub', true) as sub, current_setting('request.method', true) as method,
      current_setting('request.path', true) as path, current_setting('request.headers', true)::json ->> 'x-a' as header`;
    const inside = await db.runAs(user, (tx) => tx.query(settings), { method: 'GET', path: '/notes', headers: { 'x-a': 'b' } });
    expect(inside).toEqual([{ role: 'authenticated', session: 'authenticator', claims: JSON.stringify(user.claims), sub: 'user-1', method: 'GET', path: '/notes', header: 'b' }]);
    const outside = await db.query(`select current_user::text as role, session_user::text as session, current_setting('request.jwt.claims', true) as claims`);
    expect(outside).toEqual([{ role: 'postgres', session: 'postgres', claims: '' }]);
  });

  it('undoes everything when its body throws, and rejects with what was thrown', async () => {
    const thrown = new Error('changed my mind');
    const failing = db.runAs(user, async (tx) => {
      await tx.query(`update notes set body = 'gone' where id = 1`);
      throw thrown;
    });
    await expect(failing).rejects.toBe(thrown);
    expect(await db.query('select body from notes where id = 1')).toEqual([{ body: 'mine' }]);
    expect(await db.query('select session_user::text as session')).toEqual([{ session: 'postgres' }]);
  });

  it('undoes everything after its body when asked to', async () => {
    const updated = await db.runAs(user, (tx) => tx.run(`update notes set body = 'gone'`), { rollback: true });
    expect(updated.affectedRows).toBe(1);
    expect(await db.query('select body from notes where id = 1')).toEqual([{ body: 'mine' }]);
  });

  it('refuses writes of a reader', async () => {
    await expect(db.runAs(user, (tx) => tx.query(`delete from notes`), { readOnly: true })).rejects.toMatchObject({ code: '25006' });
  });

  it.each([
    ['postgres', '42501'],
    ['supabase_admin', '42501'],
    ['supabase_auth_admin', '42501'],
    ['nobody', '22023'],
  ])('does not become %s', async (role, code) => {
    await expect(ids({ role, claims: {} })).rejects.toMatchObject({ code });
  });

  it('does not become superuser by resetting the role', async () => {
    const role = db.runAs(user, async (tx) => {
      await tx.exec('reset role');
      return tx.query('select current_user::text as role');
    });
    expect(await role).toEqual([{ role: 'authenticator' }]);
  });

  it('runs callers one after another', async () => {
    const seen = await Promise.all(
      ['a', 'b', 'c'].map((sub) =>
        db.runAs({ role: 'anon', claims: { sub } }, async (tx) => {
          await tx.query('select 1');
          return tx.query<{ sub: string }>(`select current_setting('request.jwt.claim.sub') as sub`);
        }),
      ),
    );
    expect(seen.flat().map(({ sub }) => sub)).toEqual(['a', 'b', 'c']);
  });
});

describe('values', () => {
  it('arrive exact: what a number or a Date would round is text', async () => {
    const sql = `select 9007199254740993::int8 as big, 1.10::numeric as price, '2024-05-01T10:00:00.123456Z'::timestamptz as at,
      '2024-05-01'::date as day, 7::int4 as small, 1.5::float8 as ratio, true as yes, '{"a":[1]}'::jsonb as doc`;
    expect(await db.query(sql)).toEqual([
      { big: '9007199254740993', price: '1.10', at: '2024-05-01 10:00:00.123456+00', day: '2024-05-01', small: 7, ratio: 1.5, yes: true, doc: { a: [1] } },
    ]);
  });

  it('come with fields and the number of rows touched', async () => {
    const result = await db.run(`update notes set body = body where id = $1 returning body`, [1]);
    expect(result).toEqual({ rows: [{ body: 'mine' }], affectedRows: 1, fields: [{ name: 'body', dataTypeID: 25 }] });
  });

  it('are refused with SQLSTATE and the names Postgres gives', async () => {
    const error: unknown = await db.query(`insert into notes values (1, 'a', 'b')`).catch((thrown: unknown) => thrown);
    expect(isPostgresError(error)).toBe(true);
    expect(error).toMatchObject({ code: '23505', table: 'notes', constraint: 'notes_pkey' });
  });
});

describe('a statement that recurses deeper than the stack', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  it.each<[string, string, string[]]>([
    ['in a json parameter', 'select $1::json::text', [nested(100_000)]],
    ['in a jsonb parameter', 'select $1::jsonb::text', [nested(100_000)]],
    ['in an expression', `select 1${'+1'.repeat(3_000)}`, []],
    ['in a chain of operators', `select '{}'::jsonb${'->0'.repeat(3_000)}`, []],
    ['in a regular expression', `select 'a' ~ $1`, [`${'('.repeat(20_000)}a${')'.repeat(20_000)}`]],
    ['in a function', 'select endless(1)', []],
    ['in a pattern, while it runs', `select repeat('a', 20000) like $1 from generate_series(1, 1)`, [`${'%a'.repeat(10_000)}%b`]],
    ['in a block that handles errors', 'select guarded($1)', [`${'%a'.repeat(10_000)}%b`]],
    ['in a cast of a column, while it runs', `select (repeat('[', n) || repeat(']', n))::json from generate_series(50000, 50001) n`, []],
    ['in a cast of a column', 'select text::json from (values ($1)) as v(text)', [nested(100_000)]],
  ])('is refused as too complex, and costs no other anything: %s', async (_where, sql, params) => {
    await db.exec('create or replace function endless(n int) returns int language plpgsql as $$ begin return endless(n + 1) + 1; end $$');
    await db.exec(`create or replace function guarded(pattern text) returns boolean language plpgsql as $$ begin begin return repeat('a', 20000) like pattern; exception when division_by_zero then return null; end; end $$`);
    const tooComplex = { code: '54001', message: 'stack depth limit exceeded' };
    await expect(db.query(sql, params)).rejects.toMatchObject(tooComplex);
    await expect(db.transaction((tx) => tx.query(sql, params))).rejects.toMatchObject(tooComplex);
    expect(await db.transaction((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }]);
  });
});

it('a loop over statements lets timers have their turn', async () => {
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 1);
  const until = performance.now() + 300;
  while (performance.now() < until) await db.query('select 1');
  clearInterval(ticking);
  expect(turns).toBeGreaterThan(5);
});

describe('listen', () => {
  it('hears a channel, capitals and all, after the commit and until it stops', async () => {
    const heard: string[] = [];
    const stop = await db.listen('My channel', (payload) => heard.push(payload));
    await db.transaction(async (tx) => {
      await tx.query(`select pg_notify('My channel', 'committed'), pg_notify('my channel', 'another')`);
      expect(heard).toEqual([]);
    });
    await db.transaction(async (tx) => {
      await tx.query(`select pg_notify('My channel', 'undone')`);
      throw new Error('undo');
    }).catch(() => undefined);
    await db.query('select 1');
    await stop();
    await db.query(`select pg_notify('My channel', 'too late')`);
    await db.query('select 1');
    expect(heard).toEqual(['committed']);
  });

  it('survives a listener that throws', async () => {
    const heard: string[] = [];
    const stops = [
      await db.listen('c', () => {
        throw new Error('broken listener');
      }),
      await db.listen('c', (payload) => heard.push(payload)),
    ];
    await db.query(`select pg_notify('c', 'x')`);
    await db.query('select 1');
    expect(heard).toEqual(['x']);
    expect(logger.lines).toContain('error a notification listener failed');
    for (const stop of stops) await stop();
  });
});

describe('a new database', () => {
  it('gives new tables in public to the three roles', async () => {
    const granted = `select grantee::text as role, count(*)::int as privileges from information_schema.role_table_grants
      where table_name = 'notes' and grantee <> 'postgres' group by 1 order by 1`;
    // insert, select, update, delete, truncate, references, trigger
    expect(await db.query(granted)).toEqual(['anon', 'authenticated', 'service_role'].map((role) => ({ role, privileges: 7 })));
  });

  it.each([
    ['btree_gin', `select count(*)::int as answer from pg_opclass where opcname = 'int4_ops' and opcmethod = (select oid from pg_am where amname = 'gin')`, 1],
    ['btree_gist', `select 1 <-> 3 as answer`, 2],
    ['citext', `select ('A'::citext = 'a'::citext)::int as answer`, 1],
    ['fuzzystrmatch', `select levenshtein('water', 'later') as answer`, 1],
    ['hstore', `select ('a=>1'::hstore -> 'a')::int as answer`, 1],
    ['ltree', `select nlevel('a.b.c'::ltree) as answer`, 3],
    ['moddatetime', `select count(*)::int as answer from pg_proc where proname = 'moddatetime'`, 1],
    ['pg_trgm', `select similarity('water', 'water') as answer`, 1],
    ['unaccent', `select (unaccent('Hôtel') = 'Hotel')::int as answer`, 1],
  ])('can have the extension %s', async (name, question, answer) => {
    await db.exec(`create extension ${name}`);
    expect(await db.query(question)).toEqual([{ answer }]);
  });

  it('has the extensions, the search path, the time zone and the publication of a Supabase project', async () => {
    const [row] = await db.runAs(user, (tx) =>
      tx.query(`select length(extensions.crypt('secret', extensions.gen_salt('bf'))) as hash, length(uuid_generate_v4()::text) as uuid,
        current_setting('search_path') as path, current_setting('timezone') as zone, (select count(*)::int from pg_publication) as publications`),
    );
    expect(row).toEqual({ hash: 60, uuid: 36, path: '"$user", public, extensions', zone: 'UTC', publications: 1 });
  });
});
