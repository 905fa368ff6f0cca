import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FIXTURE } from './restFixture.ts';
import { startRestServer, type RestServer } from './restServer.ts';

const PERSONAL = `
create schema personal;
grant usage on schema personal to anon, authenticated, service_role;
create table personal.diaries (id int primary key, text text);
create table personal.pages (id int primary key, diary int references personal.diaries);
grant all on all tables in schema personal to service_role;
insert into personal.diaries values (1, 'mine');
insert into personal.pages values (7, 1);
create function personal.newest() returns text language plpgsql stable as $$ begin return (select text from diaries order by id desc limit 1); end $$;
create function refuse_robots() returns void language plpgsql as $$
  begin if current_setting('request.headers')::json ->> 'x-robot' is not null then raise sqlstate 'PT429' using message = 'slow down'; end if; end $$;
`;

let server: RestServer;
beforeAll(async () => {
  server = await startRestServer(FIXTURE + PERSONAL);
});
afterAll(() => server.close());
afterEach(() => server.db.exec('alter role authenticator reset all; notify pgrst'));

/** Sets one of PostgREST's settings as a project's migration would. */
const set = (name: string, value: string) => server.db.exec(`alter role authenticator set pgrst.${name} = '${value}'; notify pgrst, 'reload config'`);

describe('schemas', () => {
  it('beyond public are refused until they are exposed', async () => {
    const { status, error } = await server.service.schema('personal').from('diaries').select();
    expect([status, error]).toMatchObject([406, { code: 'PGRST106', message: 'Invalid schema: personal', hint: 'Only the following schemas are exposed: public' }]);
  });

  it('are read, written, embedded and called by name', async () => {
    await set('db_schemas', 'public, personal');
    const personal = server.service.schema('personal');
    expect((await personal.from('diaries').select('text, pages(id)')).data).toEqual([{ text: 'mine', pages: [{ id: 7 }] }]);
    expect(await personal.from('diaries').insert({ id: 2, text: 'new' }).select()).toMatchObject({ status: 201, data: [{ id: 2, text: 'new' }] });
    expect((await personal.rpc('newest')).data).toBe('new');
    expect((await server.service.from('genres').select('id').limit(1)).data).toEqual([{ id: 1 }]);
  });

  it('have tables of their own, and name themselves in errors', async () => {
    await set('db_schemas', 'public, personal');
    expect((await server.service.schema('personal').from('books').select()).error).toMatchObject({ code: 'PGRST205', message: "Could not find the table 'personal.books' in the schema cache" });
    expect((await server.service.schema('personal').rpc('add', { a: 1 })).error?.message).toContain('personal.add');
  });

  it('the first of them is meant when none is named', async () => {
    await set('db_schemas', 'personal');
    expect((await server.fetch('/pages', { headers: { authorization: `Bearer ${await server.token({ role: 'service_role' })}` } })).status).toBe(200);
    expect((await server.fetch('/genres')).status).toBe(404);
  });
});

describe('transactions', () => {
  it('are committed, whatever a client prefers', async () => {
    const response = await server.fetch('/counters', { method: 'POST', body: '{"name": "kept"}', headers: { prefer: 'tx=rollback' } });
    expect([response.status, response.headers.get('preference-applied')]).toEqual([201, null]);
    expect(await server.db.query(`delete from counters where name = 'kept' returning name`)).toEqual([{ name: 'kept' }]);
  });

  it('are undone on request where a project allows it', async () => {
    await set('db_tx_end', 'commit-allow-override');
    expect(await server.service.from('counters').insert({ name: 'undone' }).rollback().select()).toMatchObject({ status: 201, data: [{ name: 'undone' }] });
    expect(await server.db.query(`select 1 from counters where name = 'undone'`)).toEqual([]);
  });
});

describe('query plans', () => {
  it('are refused until they are enabled', async () => {
    expect((await server.service.from('books').select().explain()).error).toMatchObject({ code: 'PGRST107' });
  });

  it('are those of Postgres, as text or JSON', async () => {
    await set('db_plan_enabled', 'true');
    const text = await server.service.from('books').select().explain();
    expect(text).toMatchObject({ status: 200, error: null });
    expect(text.data).toMatch(/Seq Scan on books[^]*cost=/);
    expect((await server.service.from('books').select('id').explain({ format: 'json', analyze: true, verbose: true })).data).toMatchObject([{ Plan: { 'Actual Rows': expect.anything() as number }, 'Execution Time': expect.anything() as number }]);
  });

  it('change nothing unless they analyze', async () => {
    await set('db_plan_enabled', 'true');
    expect((await server.service.from('counters').insert({ name: 'planned' }).select().explain()).data).toContain('Insert on counters');
    expect(await server.db.query(`select 1 from counters where name = 'planned'`)).toEqual([]);
  });
});

describe('other settings', () => {
  it('limit the rows of a request', async () => {
    await set('db_max_rows', '2');
    expect((await server.service.from('genres').select()).data).toHaveLength(2);
  });

  it('call a function before every request, which may refuse it', async () => {
    await set('db_pre_request', 'public.refuse_robots');
    const response = await server.fetch('/genres?limit=1', { headers: { 'x-robot': 'yes' } });
    expect([response.status, await response.json()]).toMatchObject([429, { message: 'slow down' }]);
    expect((await server.fetch('/genres?limit=1')).status).toBe(200);
  });
});
