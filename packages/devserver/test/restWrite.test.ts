import type { SupabaseClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FIXTURE, OMAR, SARA } from './restFixture.ts';
import { startRestServer, type RestServer } from './restServer.ts';

let server: RestServer;
let sara: SupabaseClient;
let omar: SupabaseClient;
beforeAll(async () => {
  server = await startRestServer(FIXTURE, { settings: { txEnd: 'commit-allow-override' } });
  sara = await server.as(SARA);
  omar = await server.as(OMAR);
}, 60_000);
afterAll(() => server.close());
beforeEach(() => server.db.exec('truncate notes, counters, pairs, keyless restart identity'));

const stored = (query: string) => server.db.query(query);

describe('insert', () => {
  it('writes one row and says nothing of it', async () => {
    expect(await server.service.from('counters').insert({ name: 'a', value: 1 })).toMatchObject({ data: null, error: null, status: 201 });
    expect(await stored('select name, value from counters')).toEqual([{ name: 'a', value: 1 }]);
  });

  it('returns what was written, defaults included', async () => {
    const reply = await server.service.from('counters').insert({ name: 'a' }).select().single();
    expect(reply).toMatchObject({ data: { name: 'a', value: 0, note: null }, error: null, status: 201 });
  });

  it('writes many rows and counts them', async () => {
    const rows = [{ name: 'a', value: 1 }, { name: 'b', value: 2 }];
    expect(await server.service.from('counters').insert(rows, { count: 'exact' }).select('name')).toMatchObject({ data: [{ name: 'a' }, { name: 'b' }], count: 2, status: 201 });
  });

  it('fills missing keys of some rows with null, or with defaults when asked', async () => {
    const rows = [{ name: 'a', value: 5 }, { name: 'b' }];
    expect(await server.service.from('counters').insert(rows)).toMatchObject({ status: 400, error: { code: '23502' } });
    expect(await server.service.from('counters').insert(rows, { defaultToNull: false }).select('value')).toMatchObject({ data: [{ value: 5 }, { value: 0 }], error: null });
    // As in PostgREST, the default is evaluated for every row, also where the row's own value replaces it.
    const identity = [{ text: 'one', id: 50 }, { text: 'two' }];
    expect(await sara.from('notes').insert(identity, { defaultToNull: false }).select('id,text')).toMatchObject({ data: [{ id: 50 }, { id: 2 }], error: null });
  });

  it('writes rows of defaults alone, and no rows at all', async () => {
    expect(await sara.from('notes').insert({}).select('text,stars')).toMatchObject({ data: [{ text: 'empty', stars: 3 }], error: null, status: 201 });
    expect(await server.service.from('counters').insert([]).select()).toMatchObject({ data: [], error: null, status: 201 });
  });

  it('keeps numbers, arrays, JSON, enums and big integers as the table has them', async () => {
    const body = '{"id": 9007199254740995, "title": "t", "price": 1234567890.12, "tags": ["a", "b,c"], "pages": "[1,5)", "data": {"x": [1, null]}, "in_print": true}';
    const reply = await server.fetch('/books?select=id,price', {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${await server.token({ role: 'service_role' })}`, prefer: 'return=representation', 'content-type': 'application/json' },
    });
    expect(await reply.text()).toBe('[{"id":9007199254740995,"price":1234567890.12}]');
    expect(await stored(`select tags, pages::text, data from books where id = 9007199254740995`)).toEqual([{ tags: ['a', 'b,c'], pages: '[1,5)', data: { x: [1, null] } }]);
    await server.db.exec('delete from books where id = 9007199254740995');
  });

  it.each<[string, Record<string, unknown>, number, string, string | null]>([
    ['a unique key', { name: 'a' }, 409, '23505', 'Key (name)=(a) already exists.'],
    ['a type', { name: 'b', value: 'x' }, 400, '22P02', null],
    ['a null', { name: null }, 400, '23502', 'Failing row contains (null, 0, null).'],
  ])('reports a violation of %s', async (_what, row, status, code, details) => {
    await server.service.from('counters').insert({ name: 'a' });
    expect(await server.service.from('counters').insert(row)).toMatchObject({ status, error: { code, details, hint: null } });
  });

  it('reports a missing reference and a failed check', async () => {
    expect(await server.service.from('books').insert({ id: 91, title: 'x', author_id: 99 })).toMatchObject({ status: 409, error: { code: '23503', details: 'Key (author_id)=(99) is not present in table "authors".' } });
    expect(await sara.from('notes').insert({ text: 'forbidden' })).toMatchObject({ status: 400, error: { code: '23514' } });
  });

  it('names the column that the table has not', async () => {
    expect(await server.service.from('counters').insert({ name: 'a', nope: 1 })).toMatchObject({
      status: 400,
      error: { code: 'PGRST204', details: null, hint: null, message: "Could not find the 'nope' column of 'counters' in the schema cache" },
    });
  });

  it('names the new row in Location when asked for headers only', async () => {
    const headers = { authorization: `Bearer ${await server.token({ role: 'service_role' })}`, prefer: 'return=headers-only' };
    const reply = await server.fetch('/pairs', { method: 'POST', body: '{"a": 1, "b": 2}', headers });
    expect([reply.status, reply.headers.get('location'), await reply.text()]).toEqual([201, '/pairs?a=eq.1&b=eq.2', '']);
    expect(reply.headers.get('preference-applied')).toBe('return=headers-only');
  });
});

describe('upsert', () => {
  beforeEach(() => server.db.exec(`insert into counters values ('a', 1, 'first')`));

  it('merges by primary key, touching the given columns alone', async () => {
    const merged = await server.service.from('counters').upsert({ name: 'a', value: 2 }).select();
    expect(merged).toMatchObject({ data: [{ name: 'a', value: 2, note: 'first' }], error: null, status: 200 });
    const mixed = await server.service.from('counters').upsert([{ name: 'a', value: 3 }, { name: 'b', value: 4 }]).select('name,value');
    expect(mixed).toMatchObject({ data: [{ name: 'a', value: 3 }, { name: 'b', value: 4 }], status: 201 });
  });

  it('ignores duplicates', async () => {
    const reply = await server.service.from('counters').upsert([{ name: 'a', value: 9 }, { name: 'b', value: 4 }], { ignoreDuplicates: true }).select('name');
    expect(reply).toMatchObject({ data: [{ name: 'b' }], status: 201 });
    expect(await stored(`select value from counters where name = 'a'`)).toEqual([{ value: 1 }]);
  });

  it('merges by another unique key', async () => {
    await sara.from('notes').insert({ text: 'one', stars: 1 });
    const reply = await sara.from('notes').upsert({ owner: SARA, text: 'one', stars: 5 }, { onConflict: 'owner,text' }).select('id,stars');
    expect(reply).toMatchObject({ data: [{ id: 1, stars: 5 }], error: null, status: 200 });
  });

  it('merges by a key of two columns', async () => {
    await server.service.from('pairs').insert({ a: 1, b: 1, v: 'x' });
    expect(await server.service.from('pairs').upsert({ a: 1, b: 1, v: 'y' }).select('v').single()).toMatchObject({ data: { v: 'y' } });
  });

  it('inserts into a table without a key', async () => {
    expect(await server.service.from('keyless').upsert({ v: 'x' }).select()).toMatchObject({ data: [{ v: 'x' }], error: null });
  });

  it('says so when the columns are no unique key', async () => {
    expect(await server.service.from('counters').upsert({ name: 'a', value: 2 }, { onConflict: 'value' })).toMatchObject({ status: 400, error: { code: '42P10' } });
  });
});

describe('update', () => {
  beforeEach(() => server.db.exec(`insert into counters values ('a', 1), ('b', 2)`));

  it('changes the filtered rows', async () => {
    expect(await server.service.from('counters').update({ value: 7 }).eq('name', 'a')).toMatchObject({ data: null, error: null, status: 204 });
    expect(await stored('select name, value from counters order by name')).toEqual([{ name: 'a', value: 7 }, { name: 'b', value: 2 }]);
  });

  it('returns rows as they are after, even when the filter no longer holds', async () => {
    expect(await server.service.from('counters').update({ value: 7 }, { count: 'exact' }).gte('value', 1).lt('value', 5).select('name,value').order('name', { ascending: false })).toMatchObject({
      data: [{ name: 'b', value: 7 }, { name: 'a', value: 7 }],
      count: 2,
      status: 200,
    });
  });

  it('sets null, and gives no rows where none match', async () => {
    expect(await server.service.from('counters').update({ note: null }).eq('name', 'a').select('note')).toMatchObject({ data: [{ note: null }] });
    expect(await server.service.from('counters').update({ value: 7 }).eq('name', 'z').select()).toMatchObject({ data: [], error: null, status: 200 });
    expect(await server.service.from('counters').update({}).eq('name', 'a').select()).toMatchObject({ data: [], error: null, status: 200 });
  });

  it('undoes a change of several rows when one object was asked for', async () => {
    expect(await server.service.from('counters').update({ value: 7 }).gt('value', 0).select().single()).toMatchObject({ status: 406, error: { code: 'PGRST116', details: 'The result contains 2 rows' } });
    expect(await stored('select sum(value) as sum from counters')).toEqual([{ sum: '3' }]);
  });

  it('undoes more rows than max-affected allows', async () => {
    const request = server.service.from('counters').update({ value: 7 }).gt('value', 0) as unknown as { maxAffected(rows: number): PromiseLike<unknown> };
    expect(await request.maxAffected(1)).toMatchObject({ status: 400, error: { code: 'PGRST124', details: 'The query affects 2 rows', message: 'Query result exceeds max-affected preference constraint' } });
    expect(await stored('select sum(value) as sum from counters')).toEqual([{ sum: '3' }]);
  });

  it('undoes everything on request', async () => {
    expect(await server.service.from('counters').update({ value: 7 }).eq('name', 'a').select('value').rollback()).toMatchObject({ data: [{ value: 7 }], error: null });
    expect(await stored(`select value from counters where name = 'a'`)).toEqual([{ value: 1 }]);
  });

  it('refuses to change a whole table, as pg-safeupdate does', async () => {
    expect(await server.service.from('counters').update({ value: 7 })).toMatchObject({ status: 400, error: { code: '21000', message: 'UPDATE requires a WHERE clause' } });
    expect(await server.service.from('counters').delete()).toMatchObject({ status: 400, error: { code: '21000', message: 'DELETE requires a WHERE clause' } });
  });
});

describe('delete', () => {
  beforeEach(() => server.db.exec(`insert into counters values ('a', 1), ('b', 2), ('c', 3)`));

  it('removes the filtered rows', async () => {
    expect(await server.service.from('counters').delete({ count: 'exact' }).in('name', ['a', 'b'])).toMatchObject({ data: null, count: 2, status: 204 });
    expect(await stored('select name from counters')).toEqual([{ name: 'c' }]);
  });

  it('returns what it removed', async () => {
    expect(await server.service.from('counters').delete().or('name.eq.a,value.eq.3').select('name')).toMatchObject({ data: [{ name: 'a' }, { name: 'c' }], status: 200 });
    expect(await server.service.from('counters').delete().eq('name', 'z').select()).toMatchObject({ data: [], status: 200 });
  });

  it('reports rows that others point at', async () => {
    expect(await server.service.from('authors').delete().eq('id', 1)).toMatchObject({ status: 409, error: { code: '23503' } });
  });
});

describe('row level security', () => {
  it('shows and changes own rows alone', async () => {
    await sara.from('notes').insert({ text: 'of sara' });
    expect(await omar.from('notes').select('text')).toMatchObject({ data: [], error: null });
    expect(await omar.from('notes').update({ stars: 0 }).eq('text', 'of sara').select('id')).toMatchObject({ data: [], error: null });
    expect(await omar.from('notes').delete({ count: 'exact' }).eq('text', 'of sara')).toMatchObject({ count: 0, status: 204 });
    expect(await sara.from('notes').select('owner,text')).toMatchObject({ data: [{ owner: SARA, text: 'of sara' }] });
    expect(await server.service.from('notes').select('*')).toMatchObject({ data: [{ text: 'of sara', secret: null }] });
  });

  it('refuses rows in the name of somebody else', async () => {
    expect(await omar.from('notes').insert({ owner: SARA, text: 'forged' })).toMatchObject({
      status: 403,
      error: { code: '42501', message: 'new row violates row-level security policy for table "notes"' },
    });
    expect(await stored('select * from notes')).toEqual([]);
  });

  it('refuses columns without a privilege, in every place', async () => {
    const denied = { status: 403, error: { code: '42501', message: 'permission denied for table notes' } };
    expect(await sara.from('notes').select('*')).toMatchObject(denied);
    expect(await sara.from('notes').select('secret')).toMatchObject(denied);
    expect(await sara.from('notes').select('id').eq('secret', 'x')).toMatchObject(denied);
    expect(await sara.from('notes').select('id').order('secret')).toMatchObject(denied);
    expect(await sara.from('notes').insert({ text: 'x' }).select()).toMatchObject(denied);
    expect(await sara.from('notes').update({}).eq('text', 'x').select('id')).toMatchObject({ data: [], error: null });
    expect(await sara.from('notes').insert({ text: 'x', secret: 'mine' }).select('id')).toMatchObject({ status: 201, error: null });
  });

  it('answers anonymous callers 401 where signed-in ones get 403', async () => {
    expect(await server.anon.from('notes').select('id')).toMatchObject({ status: 401, error: { code: '42501', message: 'permission denied for table notes' } });
  });
});
