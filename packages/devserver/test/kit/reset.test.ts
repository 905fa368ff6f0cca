import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestBackend, type TestBackend } from '../../src/testing/index.ts';
import { devProject } from '../support/devProject.ts';
import { SessionClient } from '../support/sessionClient.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const project = devProject(join(temporaryFolder(), 'supabase'));
project.migration(
  '0001_shop.sql',
  `create type size as enum ('small', 'large');
   create table shops (id bigint generated always as identity primary key, name text not null unique);
   create table "Odd ""table" (
     shop bigint not null references shops on delete cascade, "Price €" numeric, sizes size[], photo bytea, at timestamptz, extra jsonb, span int4range,
     doubled numeric generated always as ("Price €" * 2) stored, primary key (shop, at)
   );
   create table log (what text, at timestamptz default clock_timestamp());
   create function note() returns trigger language plpgsql as $$ begin insert into log (what) values (tg_op); return null; end $$;
   create trigger note after insert or delete on shops for each row execute function note();
   create sequence tickets start 100;
   alter publication supabase_realtime add table shops;`,
);
project.writeSeed(`
  insert into shops (name) values ('seeded'), ('with "quotes", (and) more');
  insert into "Odd ""table" values (1, 12345678901234567890.1234567890, '{small,large}', '\\xdeadbeef', '2024-05-06T07:08:09.123456Z', '{"a":[1,null,"\\u00e9"]}', '[1,5)'), (2, 'NaN', null, '', 'infinity', 'null', 'empty');
  select nextval('tickets');
`);

let backend: TestBackend;
beforeAll(async () => {
  backend = await createTestBackend({ migrations: project.migrations, seed: project.seed, setup: `insert into shops (name) values ('of the setup')`, patienceMs: 20_000 });
});
beforeEach(() => backend.reset());
afterAll(() => backend.close());

/** All rows of the project, as a plain dump has them. */
async function dump(): Promise<Record<string, unknown>> {
  const tables = await backend.sql<{ name: string }>`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema in ('public', 'auth', 'realtime') order by 1`;
  const entries: [string, unknown][] = [];
  for (const { name } of tables) entries.push([name, await backend.sql(`select to_jsonb(t) as row from ${name} t order by t::text`)]);
  return Object.fromEntries(entries);
}

describe('reset', () => {
  it('puts rows, accounts, messages and sequences back as they were handed over, and leaves no trace in triggers', async () => {
    const before = await dump();
    await backend.sql`delete from shops where id = 1`;
    await backend.sql`update "Odd ""table" set sizes = '{}', at = now()`;
    await backend.sql`insert into shops (name) values ('new')`;
    await backend.sql`truncate log`;
    await backend.sql`select nextval('tickets'), realtime.send('{}', 'e', 'topic')`;
    await backend.signIn((await backend.createUser()).email);
    expect(await dump()).not.toEqual(before);

    await backend.reset();
    expect(await dump()).toEqual(before);
    expect(await backend.sql`insert into shops (name) values ('new') returning id`).toEqual([{ id: '4' }]);
    expect(await backend.sql`select nextval('tickets') as ticket`).toEqual([{ ticket: '101' }]);
    await expect(backend.sql`insert into "Odd ""table" (shop, at) values (99, now())`).rejects.toMatchObject({ code: '23503' });
  });

  it('empties tables made since, and does nothing for those dropped', async () => {
    await backend.sql`create table later (id serial primary key)`;
    await backend.sql`insert into later default values`;
    await backend.sql`create table gone (id int)`;
    await backend.sql`drop table gone`;
    await backend.reset();
    expect(await backend.sql`select * from later`).toEqual([]);
  });

  it('ends faults, clients and sockets, and those who come back hear of nothing that was undone', async () => {
    const { server, faults } = backend;
    const app = await SessionClient.open(server.url, server.anonKey, '2.0.0');
    await app.join('realtime:app', { presence: { enabled: true } });
    await backend.waitForSubscribed(backend.anonClient().channel('shops'));
    const cut = await faults.cutReplication();
    await faults.limit({ maxChannelsPerClient: 0 });
    await backend.sql`insert into shops (name) values ('unheard')`;

    await backend.reset();
    expect(await app.closed).toBe(1012);
    await backend.waitForSockets(0);
    await cut.ended;

    const again = backend.anonClient().channel('shops');
    const changes = backend.record(again, 'postgres_changes', { event: '*', schema: 'public', table: 'shops' });
    await backend.waitForSubscribed(again);
    await backend.sql`insert into shops (name) values ('heard')`;
    await backend.settled();
    expect(changes.events.map((change) => change.new)).toEqual([{ id: 4, name: 'heard' }]);
  });
});
