import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIXTURE, OMAR, SARA } from './restFixture.ts';
import { startRestServer, type RestServer } from './restServer.ts';

let server: RestServer;
beforeAll(async () => {
  server = await startRestServer(FIXTURE, { settings: { txEnd: 'commit-allow-override' } });
}, 60_000);
afterAll(() => server.close());

const rpc = (...call: Parameters<RestServer['service']['rpc']>) => server.service.rpc(...call);

describe('what functions return', () => {
  it('gives a single value', async () => {
    expect(await rpc('add', { a: 1, b: 2 })).toMatchObject({ data: 3, error: null, status: 200 });
    expect(await rpc('add', { a: 1 })).toMatchObject({ data: 11 });
  });

  it('keeps every digit of an int8', async () => {
    expect(await (await server.fetch('/rpc/bigone')).text()).toBe('9007199254740993');
  });

  it('gives nothing for void', async () => {
    expect(await rpc('nothing')).toMatchObject({ data: null, error: null, status: 204 });
  });

  it('gives rows of a table, filtered and shaped like a table', async () => {
    expect(await rpc('books_by', { author: 1 }).select('id,title')).toMatchObject({ data: [{ id: 1, title: 'Jasmine' }] });
    expect(await rpc('books_by', { author: 1 }).gt('price', 100)).toMatchObject({ data: [] });
    expect(await rpc('books_by', { author: 2 }).select('title').single()).toMatchObject({ data: { title: 'Mural' } });
    expect(await rpc('books_by', { author: 77 }).single()).toMatchObject({ status: 406, error: { code: 'PGRST116' } });
  });

  it('gives one row as an object', async () => {
    expect(await rpc('book_one').select('id,title')).toMatchObject({ data: { id: 1, title: 'Jasmine' }, error: null });
  });

  it('gives a table of its own columns, ordered, limited and counted', async () => {
    const reply = await rpc('stats', {}, { count: 'exact' }).gte('n', 2).order('n', { ascending: false }).limit(1);
    expect(reply).toMatchObject({ data: [{ label: 'c', n: 3 }], count: 2, status: 206 });
  });

  it('gives a set of values as an array', async () => {
    expect(await rpc('numbers', { n: 3 })).toMatchObject({ data: [1, 2, 3] });
    expect(await rpc('numbers', { n: 0 })).toMatchObject({ data: [] });
    expect(await rpc('numbers', { n: 5 }).range(1, 2)).toMatchObject({ data: [2, 3] });
  });
});

describe('how functions are called', () => {
  it('takes arguments from the query by GET', async () => {
    expect(await rpc('add', { a: 4, b: 5 }, { get: true })).toMatchObject({ data: 9 });
    expect(await rpc('sum_list', { list: [1, 2, 3] }, { get: true })).toMatchObject({ data: 6 });
    expect(await rpc('books_by', { author: 1 }, { get: true }).gt('id', 0).select('id')).toMatchObject({ data: [{ id: 1 }] });
    expect(await rpc('numbers', { n: 4 }, { head: true, count: 'exact' })).toMatchObject({ data: null, count: 4, status: 200 });
  });

  it('takes arrays, variadic arguments and a whole body', async () => {
    expect(await rpc('sum_list', { list: [1, 2] })).toMatchObject({ data: 3 });
    expect(await rpc('total', { n: [1, 2, 3] })).toMatchObject({ data: 6 });
    expect(await rpc('echo', { any: ['thing', 1] })).toMatchObject({ data: { any: ['thing', 1] } });
    const list = await server.fetch('/rpc/echo', { method: 'POST', body: '[1, 2]' });
    expect(await list.json()).toEqual([1, 2]);
  });

  it('runs as the caller and tells SQL about the request', async () => {
    const sara = await server.as(SARA);
    expect(await sara.rpc('whoami').setHeader('x-test', 'vitest')).toMatchObject({ data: { role: 'authenticated', sub: SARA, method: 'POST', path: '/rpc/whoami', agent: 'vitest' } });
    expect(await server.anon.rpc('whoami')).toMatchObject({ data: { role: 'anon', sub: null } });
    expect(await server.service.rpc('whoami')).toMatchObject({ data: { role: 'service_role' } });
  });

  it('keeps callers apart when many call at once', async () => {
    const clients = [server.anon, await server.as(SARA), server.service, await server.as(OMAR)];
    const calls = Array.from({ length: 10 }, () => clients.map((client) => client.rpc('whoami'))).flat();
    const replies = await Promise.all(calls);
    const expected = [{ role: 'anon', sub: null }, { role: 'authenticated', sub: SARA }, { role: 'service_role' }, { role: 'authenticated', sub: OMAR }];
    expect(replies).toMatchObject(replies.map((_, index) => ({ data: expected[index % 4], error: null })));
    expect(await server.db.query('select current_user::text as user, session_user::text as session')).toEqual([{ user: 'postgres', session: 'postgres' }]);
  });

  it('changes rows by POST and never by GET', async () => {
    await server.db.exec(`insert into counters values ('hits', 0)`);
    expect(await rpc('bump', { counter: 'hits' })).toMatchObject({ data: 1, error: null });
    expect(await rpc('bump', { counter: 'hits' }, { get: true })).toMatchObject({ status: 405, error: { code: '25006' } });
    expect(await server.db.query(`select value from counters where name = 'hits'`)).toEqual([{ value: 1 }]);
  });

  it('undoes a call on request', async () => {
    await server.db.exec(`insert into counters values ('undone', 0)`);
    expect(await rpc('bump', { counter: 'undone' }).rollback()).toMatchObject({ data: 1 });
    expect(await server.db.query(`select value from counters where name = 'undone'`)).toEqual([{ value: 0 }]);
  });

  it('lets a function set status and headers', async () => {
    const reply = await server.fetch('/rpc/teapot', { method: 'POST' });
    expect([reply.status, reply.headers.get('x-tea'), await reply.json()]).toEqual([418, 'mint', 'short and stout']);
  });
});

describe('calls that cannot be', () => {
  it('offers the nearest name', async () => {
    expect(await rpc('numberz', { n: 1 })).toMatchObject({
      status: 404,
      error: {
        code: 'PGRST202',
        message: 'Could not find the function public.numberz(n) in the schema cache',
        details: 'Searched for the function public.numberz with parameter n or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.',
        hint: 'Perhaps you meant to call the function public.numbers',
      },
    });
  });

  it('offers the arguments that would fit', async () => {
    expect(await rpc('add', { a: 1, c: 2 })).toMatchObject({ status: 404, error: { code: 'PGRST202', hint: 'Perhaps you meant to call the function public.add(a, b)' } });
    expect(await rpc('books_by')).toMatchObject({ status: 404, error: { code: 'PGRST202', message: 'Could not find the function public.books_by without parameters in the schema cache' } });
  });

  it('does not choose between equals', async () => {
    expect(await rpc('twice', { x: 1 })).toMatchObject({
      status: 300,
      error: { code: 'PGRST203', message: 'Could not choose the best candidate function between: public.twice(x => integer), public.twice(x => text)' },
    });
  });

  it('that limit the rows they affect must return rows', async () => {
    const limited = { method: 'POST', body: '{"a": 1}', headers: { prefer: 'handling=strict, max-affected=1' } };
    const [one, many] = [await server.fetch('/rpc/add', limited), await server.fetch('/rpc/stats', { ...limited, body: '{}' })];
    expect([one.status, await one.json()]).toMatchObject([400, { code: 'PGRST128' }]);
    expect([many.status, await many.json()]).toMatchObject([400, { code: 'PGRST124', details: 'The query affects 3 rows' }]);
  });

  it('are none of a function whose arguments have no names, but for one that takes the body', async () => {
    await server.db.exec(`create function unnamed(int) returns int language sql as 'select 1'; notify pgrst`);
    expect(await rpc('unnamed', { '': 1 })).toMatchObject({ status: 404, error: { code: 'PGRST202' } });
  });

  it('refuses other methods and bodies that are no JSON', async () => {
    const put = await server.fetch('/rpc/add', { method: 'PUT', body: '{}' });
    expect([put.status, await put.json()]).toMatchObject([405, { code: 'PGRST101', message: 'Cannot use the PUT method on RPC' }]);
    const broken = await server.fetch('/rpc/add', { method: 'POST', body: '{"a": ' });
    expect([broken.status, await broken.json()]).toEqual([400, { code: 'PGRST102', details: null, hint: null, message: 'Empty or invalid json' }]);
  });

  it.each([
    ['P0001', 400],
    ['23505', 409],
    ['42501', 403],
    ['PT402', 402],
    ['PTXYZ', 500],
    ['57014', 500],
    ['40001', 500],
    ['53300', 503],
    ['28000', 403],
    ['P0002', 500],
    ['42P01', 404],
    ['22023', 400],
    ['99999', 400],
  ])('answers SQLSTATE %s with %i and the words of the database', async (state, status) => {
    const sara = await server.as(SARA);
    expect(await sara.rpc('fail_with', { state, message: 'no luck' })).toMatchObject({
      status,
      data: null,
      error: { code: state, message: 'no luck', details: 'some detail', hint: 'some hint' },
    });
  });

  it('lets a function name a status that has no body', async () => {
    const reply = await server.fetch('/rpc/fail_with', { method: 'POST', body: '{"state": "PT204", "message": "gone quiet"}' });
    expect([reply.status, await reply.text()]).toEqual([204, '']);
  });

  it('lets a function write its own error', async () => {
    const reply = await server.fetch('/rpc/own_error', { method: 'POST' });
    expect([reply.status, reply.headers.get('x-why'), await reply.json()]).toEqual([402, 'money', { code: 'MY1', details: 'd', hint: 'h', message: 'mine' }]);
  });
});
