import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anon, listen, openChanges, parseData, recordOf, service, user, type Changes, type Listener } from './support/changes.ts';

const SARA = '11111111-1111-1111-1111-111111111111';
const OMAR = '22222222-2222-2222-2222-222222222222';

const setup = `
  create table notes (id int primary key, owner uuid, body text);
  alter table notes enable row level security;
  create policy own on notes for select to authenticated using (owner = auth.uid());
  create table posts (id int primary key, title text, by text, score float8, due timestamptz);
  create table loose (id int primary key, v text);
  alter publication supabase_realtime add table notes, posts
`;

describe('the change feed', () => {
  let changes: Changes;
  const listeners: Listener[] = [];
  beforeAll(async () => {
    changes = await openChanges({ setup, timeScale: 0.001 });
  });
  afterAll(() => changes.close());
  beforeEach(async () => {
    for (const { subscription } of listeners.splice(0)) subscription.unsubscribe();
    await changes.db.exec('truncate notes, posts, loose');
  });

  const watch = async (...request: [Parameters<typeof listen>[1], Parameters<typeof listen>[2]]): Promise<Listener> => {
    const listener = await listen(changes.feed, ...request);
    listeners.push(listener);
    return listener;
  };
  const run = async (sql: string): Promise<void> => {
    await changes.db.exec(sql);
    await changes.settled();
  };

  it('X1: a row reaches only subscribers whose policies show it', async () => {
    const [sara, omar, nobody, all] = [await watch(user(SARA), notes), await watch(user(OMAR), notes), await watch(anon, notes), await watch(service, notes)];
    await changes.db.exec(`insert into notes values (1, '${SARA}', 'a'), (2, '${OMAR}', 'b')`);
    await changes.settled();
    await run(`update notes set owner = '${OMAR}' where id = 1`);

    expect(events(sara)).toEqual(['INSERT 1']);
    expect(events(omar)).toEqual(['INSERT 2', 'UPDATE 1']);
    expect(events(nobody)).toEqual([]);
    expect(events(all)).toEqual(['INSERT 1', 'INSERT 2', 'UPDATE 1']);
  });

  it('X1: a policy that fails on one reader hides the row from that reader alone', async () => {
    const [broken, sara] = [await watch(user('no uuid'), notes), await watch(user(SARA), notes)];
    await run(`insert into notes values (1, '${SARA}', 'a')`);
    expect(events(broken)).toEqual([]);
    expect(events(sara)).toEqual(['INSERT 1']);
  });

  it('X1: a column that is dropped before its change is read is not shown to those who could not read it', async () => {
    await changes.db.exec('create table drops (id int primary key, open text, hidden text); revoke all on drops from anon; grant select (id, open) on drops to anon; alter publication supabase_realtime add table drops');
    const { received } = await watch(anon, [{ event: '*', schema: 'public', table: 'drops' }]);
    await changes.db.exec(`insert into drops values (1, 'shown', 'not shown'); alter table drops drop column hidden`);
    await changes.settled();
    expect(received.map(({ dataJson }) => recordOf(dataJson))).toEqual([{ id: 1, open: 'shown' }]);
    await changes.db.exec('drop table drops');
  });

  it('X1: a column that is revoked disappears from the next change', async () => {
    const reader = await watch(anon, posts);
    await run("insert into posts values (1, 'a', 'me')");
    await run("revoke select on posts from anon; grant select (id, title) on posts to anon; update posts set by = 'you'");
    await run('grant select on posts to anon');
    expect(reader.received.map(({ dataJson }) => recordOf(dataJson))).toEqual([
      { id: 1, title: 'a', by: 'me', score: null, due: null },
      { id: 1, title: 'a' },
    ]);
  });

  it('a deleted row goes to every subscriber with its key only, where row security is on', async () => {
    const nobody = await watch(anon, notes);
    await run(`alter table notes replica identity full; insert into notes values (1, '${SARA}', 'a'); delete from notes; alter table notes replica identity default`);
    expect(nobody.received.map(({ dataJson }) => parseData(dataJson).old_record)).toEqual([{ id: 1 }]);
  });

  it('sends nothing of a transaction that rolled back, and nothing of a savepoint that did', async () => {
    const reader = await watch(anon, posts);
    await run("begin; insert into posts values (1, 'a'); rollback");
    await run("begin; insert into posts values (2, 'a'); savepoint s; insert into posts values (3, 'a'); rollback to s; insert into posts values (4, 'a'); commit");
    expect(events(reader)).toEqual(['INSERT 2', 'INSERT 4']);
  });

  it('keeps commit order and statement order across tables, with one timestamp a transaction', async () => {
    const reader = await watch(service, [...posts, ...notes]);
    await run("begin; insert into posts select g, 'a' from generate_series(1, 700) g; insert into notes values (1); update posts set title = 'b' where id = 1; commit");
    await run("insert into posts values (0, 'later')");
    const kinds = reader.received.map(({ dataJson }) => `${parseData(dataJson).table} ${String(recordOf(dataJson).id)}`);
    expect(kinds).toEqual([...Array.from({ length: 700 }, (_, index) => `posts ${index + 1}`), 'notes 1', 'posts 1', 'posts 0']);
    const times = new Set(reader.received.slice(0, 702).map(({ dataJson }) => parseData(dataJson).commit_timestamp));
    expect(times.size).toBe(1);
    expect([...times][0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('sends times in UTC whatever the time zone and styles of the writer', async () => {
    const reader = await watch(anon, posts);
    await run("begin; set local timezone = 'Asia/Riyadh'; set local datestyle = 'SQL, DMY'; insert into posts (id, due) values (1, '2024-05-06T12:00:00Z'); commit");
    expect(recordOf(reader.received[0]?.dataJson ?? '{}').due).toBe('2024-05-06T12:00:00+00:00');
  });

  it('follows added, renamed and dropped columns from the next row', async () => {
    await run('create table shape (id int primary key, a text); alter publication supabase_realtime add table shape');
    const reader = await watch(anon, [{ schema: 'public', table: 'shape' }]);
    await run("insert into shape values (1, 'x')");
    await run("alter table shape add column b int default 7; update shape set a = 'y'");
    await run('alter table shape rename column a to c; update shape set b = 8');
    await run('alter table shape drop column c; alter table shape rename id to key; alter table shape add extra text; update shape set b = 9');
    await run('drop table shape');
    expect(reader.received.map(({ dataJson }) => recordOf(dataJson))).toEqual([{ id: 1, a: 'x' }, { id: 1, a: 'y', b: 7 }, { id: 1, c: 'y', b: 8 }, { key: 1, b: 9, extra: null }]);
    expect(reader.received.map(({ dataJson }) => parseData(dataJson).columns.map(({ name }) => name).join())).toEqual(['id,a', 'id,a,b', 'id,c,b', 'key,b,extra']);
    expect(parseData(reader.received.at(-1)?.dataJson ?? '').old_record).toEqual({ key: 1 });
  });

  it('tells subscriptions of a changed publication, and serves a table added to it', async () => {
    const refused = await changes.feed.subscribe({ bindings: loose, caller: anon, topic: 'loose', deliver: () => undefined });
    expect(refused).toMatchObject({ ok: false });
    const witness = await watch(anon, posts);
    await run('alter publication supabase_realtime add table loose');
    const reader = await watch(anon, loose);
    await run("insert into loose values (1, 'a')");
    // Changes of the publication between two checks cancel out.
    await expect.poll(() => witness.verdicts).toContainEqual({ ok: true });
    await run('alter publication supabase_realtime drop table loose');
    await run("insert into loose values (2, 'b')");
    await expect.poll(() => reader.verdicts.at(-1)?.ok).toBe(false);
    expect(events(reader)).toEqual(['INSERT 1']);
    expect(reader.verdicts.at(-1)).toEqual({
      ok: false,
      message:
        'Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: [event: *, schema: public, table: loose, filters: [], select: nil]',
    });
  });

  it('reads as the new caller once that is checked, and reports when it cannot', async () => {
    const reader = await watch(user(SARA), notes);
    reader.subscription.setCaller(user(OMAR));
    await expect.poll(() => reader.verdicts).toEqual([{ ok: true }]);
    await run(`insert into notes values (1, '${SARA}', 'a'), (2, '${OMAR}', 'b')`);
    reader.subscription.setCaller({ role: 'nosuchrole', claims: {} });
    await expect.poll(() => reader.verdicts.length).toBe(2);
    await run(`insert into notes values (3, '${OMAR}', 'c')`);
    expect(events(reader)).toEqual(['INSERT 2']);
    expect(reader.verdicts[1]).toMatchObject({ ok: false, message: expect.stringContaining('role "nosuchrole" does not exist') as string });
  });

  it('C8: a subscriber that throws affects no other, and nothing is delivered after unsubscribe', async () => {
    const first = await changes.feed.subscribe({
      bindings: posts,
      caller: anon,
      topic: 'throws',
      deliver: () => {
        throw new Error('of the subscriber');
      },
    });
    const second = await watch(anon, posts);
    const third = await watch(anon, posts);
    third.subscription.unsubscribe();
    await run("insert into posts values (1, 'a')");
    if (first.ok) first.subscription.unsubscribe();
    expect(events(second)).toEqual(['INSERT 1']);
    expect(events(third)).toEqual([]);
    expect(changes.logger.lines).toContain('error a subscriber failed on a change');
  });

  it('neither shows nor lets anyone else touch its log', async () => {
    for (const caller of [anon, user(SARA), service]) {
      for (const sql of ['select * from realtime_changes.set_aside', 'delete from realtime_changes.set_aside', "select realtime_changes.take('{}')", 'select realtime_changes.sync()']) {
        await expect(changes.db.runAs(caller, (tx) => tx.query(sql))).rejects.toMatchObject({ code: '42501' });
      }
    }
    await changes.db.runAs(service, (tx) => tx.query("insert into posts values (1, 'a')"));
  });

  it('delivers changes too long for a notification in their place, and leaves nothing of them, listened to or not', async () => {
    const long = 'ä'.repeat(10_000);
    const reader = await watch(anon, posts);
    await run(`begin; insert into posts values (1, 'a'), (2, '${long}'); update posts set title = 'b' where id = 1; update posts set title = '${long}' where id = 1; commit`);
    expect(reader.received.map(({ dataJson }) => recordOf(dataJson).title)).toEqual(['a', long, 'b', long]);
    reader.subscription.unsubscribe();
    await run(`update posts set title = title || 'x'`);
    expect(await changes.db.query('select count(*)::int as count from realtime_changes.set_aside')).toEqual([{ count: 0 }]);
  });

  it('delivers equal changes of one transaction as often as they were made', async () => {
    const reader = await watch(anon, posts);
    await run("begin; insert into posts values (1, 'a'); delete from posts; insert into posts values (1, 'a'); delete from posts; commit");
    expect(events(reader)).toEqual(['INSERT 1', 'DELETE 1', 'INSERT 1', 'DELETE 1']);
  });

  it('captures a table from its first subscription until a moment after its last', async () => {
    const captured = async () => (await changes.db.query<{ n: string }>('select last_value as n from realtime_changes.seq'))[0]?.n;
    await changes.db.exec('create table quiet (id int primary key); alter publication supabase_realtime add table quiet');
    const quiet = [{ event: '*', schema: 'public', table: 'quiet' }];
    const first = await watch(anon, quiet);
    await run('insert into quiet values (1); delete from quiet');
    expect(events(first)).toEqual(['INSERT 1', 'DELETE 1']);
    await changes.feed.recheck();
    first.subscription.unsubscribe();
    const isCaptured = async () => {
      const before = await captured();
      await changes.db.exec('insert into quiet values (1); delete from quiet');
      return (await captured()) !== before;
    };
    await expect.poll(isCaptured).toBe(false);
    const second = await watch(anon, quiet);
    await run('insert into quiet values (2)');
    expect(events(second)).toEqual(['INSERT 2']);
    await changes.db.exec('drop table quiet');
  });

  it('captures a watched table whatever happens to its triggers, and when it is published anew', async () => {
    const reader = await watch(anon, posts);
    await run("alter table posts disable trigger all; insert into posts values (1, 'a')");
    await run("alter table posts enable trigger all; insert into posts values (2, 'a')");
    await run("begin; alter publication supabase_realtime drop table posts; alter publication supabase_realtime add table posts; insert into posts values (3, 'a'); commit");
    expect(events(reader)).toEqual(['INSERT 1', 'INSERT 2', 'INSERT 3']);
  });

  it('changes nothing that an event trigger hears of when a table begins to be watched', async () => {
    await changes.db.exec(`create table unheard (id int primary key); alter publication supabase_realtime add table unheard; create table ddl (tag text);
      create function hear_ddl() returns event_trigger language plpgsql as $$ begin insert into ddl values (tg_tag); end $$;
      create event trigger hear_ddl on ddl_command_end execute function hear_ddl()`);
    const reader = await watch(anon, [{ event: '*', schema: 'public', table: 'unheard' }]);
    await run('insert into unheard values (1)');
    expect(events(reader)).toEqual(['INSERT 1']);
    expect(await changes.db.query('select * from ddl')).toEqual([]);
    await changes.db.exec('drop event trigger hear_ddl; drop function hear_ddl; drop table ddl; drop table unheard');
  });

  it('captures writes made under session_replication_role and by upsert', async () => {
    const reader = await watch(anon, posts);
    await run("set session_replication_role = replica; insert into posts values (1, 'a'); reset session_replication_role");
    await run("insert into posts values (1, 'b'), (2, 'c') on conflict (id) do update set title = excluded.title");
    expect(events(reader)).toEqual(['INSERT 1', 'UPDATE 1', 'INSERT 2']);
  });
});

const notes = [{ event: '*', schema: 'public', table: 'notes' }];
const posts = [{ event: '*', schema: 'public', table: 'posts' }];
const loose = [{ event: '*', schema: 'public', table: 'loose' }];

function events({ received }: Listener): string[] {
  return received.map(({ dataJson }) => {
    const { type, record, old_record: old } = parseData(dataJson);
    return `${type} ${String((record ?? old)?.id)}`;
  });
}
