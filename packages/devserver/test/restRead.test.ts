import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../src/logger.ts';
import { createRestApi } from '../src/rest/index.ts';
import { createTokens } from '../src/tokens/index.ts';
import { FIXTURE } from './restFixture.ts';
import { startRestServer, type RestServer } from './restServer.ts';

const BIG = '9007199254740993';
let server: RestServer;
beforeAll(async () => {
  server = await startRestServer(FIXTURE);
}, 60_000);
afterAll(() => server.close());

/** What Postgres itself says, as the JSON that a client would parse. */
async function oracle(query: string): Promise<unknown> {
  const [row] = await server.db.query<{ json: string }>(`select coalesce(json_agg(t), '[]')::text as json from (${query}) t`);
  return JSON.parse(row?.json ?? 'null');
}

const books = (columns = 'id') => server.service.from('books').select(columns).order('id');
type Books = ReturnType<typeof books>;

/** Titles by condition on `books`, beside what SQL gives for the same condition. */
async function expectRows(request: PromiseLike<unknown>, condition: string): Promise<void> {
  const expected = await oracle(`select id from books where ${condition} order by id`);
  expect(expected).not.toEqual([]);
  expect(await request).toMatchObject({ data: expected, error: null, status: 200 });
}

describe('select', () => {
  it('gives every column of every row', async () => {
    expect(await server.service.from('books').select()).toMatchObject({ data: await oracle('select * from books'), error: null, status: 200 });
  });

  it('gives chosen columns, with aliases, casts and JSON paths', async () => {
    const columns = 'name:title, price::text, data->a->b->>1, n:data->n, first:tags->0, raw->>k, published::date';
    expect(await books(columns)).toMatchObject({
      data: await oracle(`select title as name, price::text, data->'a'->'b'->>1 as b, data->'n' as n, to_jsonb(tags)->0 as first, raw->>'k' as k, published::date from books order by id`),
      error: null,
    });
  });

  it('keeps every digit of int8 and numeric on the wire', async () => {
    const reply = await server.fetch(`/books?select=id,price&id=eq.${BIG}`, { headers: { authorization: `Bearer ${await server.token({ role: 'service_role' })}` } });
    expect(await reply.text()).toBe(`[{"id":${BIG},"price":null}]`);
    const price = await server.fetch('/books?select=big,price&id=eq.1', { headers: { authorization: `Bearer ${await server.token({ role: 'service_role' })}` } });
    expect(await price.text()).toBe(`[{"big":${BIG},"price":10.50}]`);
  });

  it('takes no column for a row, whatever it is called', async () => {
    await server.db.exec(`create table t (t text, r int, value text, body text, t_1 text, "t.*" int, note int references genres); insert into t values ('x', 1, null, null, null, 2, 1), (null, null, null, null, null, null, null); notify pgrst`);
    const rows = [{ t: 'x', r: 1, value: null, body: null, t_1: null, 't.*': 2, note: 1 }, { t: null, r: null, value: null, body: null, t_1: null, 't.*': null, note: null }];
    expect(await server.service.from('t').select('*', { count: 'exact' }).order('t')).toMatchObject({ data: rows, count: 2 });
    expect((await server.service.from('t').select('t, r').order('t').csv()).data).toBe('t,r\nx,1\n,');
    expect((await server.service.from('genres').select('id, t(t)').eq('id', 1)).data).toEqual([{ id: 1, t: [{ t: 'x' }] }]);
    expect((await server.service.from('genres').select('id, t_1:t(t)').not('t_1', 'is', null)).data).toEqual([{ id: 1, t_1: [{ t: 'x' }] }]);
    expect((await server.service.from('t').select('t, genres(label)').not('genres', 'is', null)).data).toEqual([{ t: 'x', genres: { label: 'poetry' } }]);
    await server.db.exec('drop table t');
  });

  it('reads views and tables whose names need quoting', async () => {
    expect(await server.service.from('cheap_books').select('title').order('price', { ascending: false })).toMatchObject({ data: [{ title: 'Beirut "75"' }, { title: 'Jasmine' }] });
    const odd = server.service.from('odd "table"');
    expect(await odd.select('*')).toMatchObject({ data: [{ 'odd "column"': 'x', select: 'y', 'a.b': 'z' }] });
    expect(await odd.select('"odd \\"column\\"","a.b"')).toMatchObject({ data: [{ 'odd "column"': 'x', 'a.b': 'z' }] });
    expect(await odd.select('"a.b"').eq('"a.b"', 'z')).toMatchObject({ data: [{ 'a.b': 'z' }] });
  });
});

describe('filters', () => {
  const cases: [string, (query: Books) => PromiseLike<unknown>, string][] = [
    ['eq', (q) => q.eq('title', 'Mural'), `title = 'Mural'`],
    ['eq with an int8 beyond 2^53', (q) => q.eq('id', BIG), `id = ${BIG}`],
    ['eq on a boolean', (q) => q.eq('in_print', false), 'not in_print'],
    ['eq on a JSON path as text', (q) => q.eq('data->a->b->>1', 'y'), `data->'a'->'b'->>1 = 'y'`],
    ['eq on a JSON path as JSON', (q) => q.eq('data->n', 7), `data->'n' = '7'`],
    ['eq with an array', (q) => q.eq('tags', '{novel}'), `tags = '{novel}'`],
    ['eq with reserved characters', (q) => q.eq('title', 'Untitled, 100%'), `title = 'Untitled, 100%'`],
    ['neq', (q) => q.neq('id', 1), 'id <> 1'],
    ['gt', (q) => q.gt('price', 15), 'price > 15'],
    ['gte', (q) => q.gte('price', '15.00'), 'price >= 15'],
    ['lt', (q) => q.lt('published', '2020-06-01'), `published < '2020-06-01'`],
    ['lte', (q) => q.lte('id', 2), 'id <= 2'],
    ['like', (q) => q.like('title', '%u%'), `title like '%u%'`],
    ['like with stars', (q) => q.like('title', 'M*l'), `title like 'M%l'`],
    ['ilike', (q) => q.ilike('title', 'jas%'), `title ilike 'jas%'`],
    ['likeAllOf', (q) => q.likeAllOf('body', ['%a%', '%jasmine%']), `body like '%a%' and body like '%jasmine%'`],
    ['likeAnyOf', (q) => q.likeAnyOf('title', ['J%', 'M%']), `title like 'J%' or title like 'M%'`],
    ['ilikeAllOf', (q) => q.ilikeAllOf('title', ['%J%', '%E']), `title ilike '%j%' and title ilike '%e'`],
    ['ilikeAnyOf', (q) => q.ilikeAnyOf('title', ['j%', 'm%']), `title ilike 'j%' or title ilike 'm%'`],
    ['regexMatch', (q) => q.regexMatch('title', '^[JM]'), `title ~ '^[JM]'`],
    ['regexIMatch', (q) => q.regexIMatch('title', '^[jm]'), `title ~* '^[jm]'`],
    ['is null', (q) => q.is('author_id', null), 'author_id is null'],
    ['is true', (q) => q.is('in_print', true), 'in_print is true'],
    ['isDistinct', (q) => q.isDistinct('author_id', 1), 'author_id is distinct from 1'],
    ['in', (q) => q.in('id', [1, 3, 77]), 'id in (1, 3, 77)'],
    ['in with reserved characters', (q) => q.in('title', ['Untitled, 100%', 'Mural']), `title in ('Untitled, 100%', 'Mural')`],
    ['notIn', (q) => q.notIn('id', [1, 2]), 'id not in (1, 2)'],
    ['contains an array', (q) => q.contains('tags', ['poem', 'two words']), `tags @> '{poem,"two words"}'`],
    ['contains JSON', (q) => q.contains('data', { n: 5 }), `data @> '{"n": 5}'`],
    ['contains a range', (q) => q.contains('pages', '[60,70)'), `pages @> '[60,70)'::int4range`],
    ['containedBy', (q) => q.containedBy('tags', ['poem', 'long', 'novel']), `tags <@ '{poem,long,novel}'`],
    ['rangeGt', (q) => q.rangeGt('pages', '[1,20)'), `pages >> '[1,20)'`],
    ['rangeGte', (q) => q.rangeGte('pages', '[50,60)'), `pages &> '[50,60)'`],
    ['rangeLt', (q) => q.rangeLt('pages', '[20,30)'), `pages << '[20,30)'`],
    ['rangeLte', (q) => q.rangeLte('pages', '[1,100)'), `pages &< '[1,100)'`],
    ['rangeAdjacent', (q) => q.rangeAdjacent('pages', '[100,120)'), `pages -|- '[100,120)'`],
    ['overlaps', (q) => q.overlaps('tags', ['novel', 'long']), `tags && '{novel,long}'`],
    ['textSearch', (q) => q.textSearch('body', 'words & mural', { config: 'english' }), `to_tsvector('english', body) @@ to_tsquery('english', 'words & mural')`],
    ['textSearch plain', (q) => q.textSearch('body', 'jasmine damascus', { type: 'plain' }), `to_tsvector(body) @@ plainto_tsquery('jasmine damascus')`],
    ['textSearch phrase', (q) => q.textSearch('body', 'mural of words', { type: 'phrase', config: 'english' }), `to_tsvector('english', body) @@ phraseto_tsquery('english', 'mural of words')`],
    ['textSearch websearch', (q) => q.textSearch('body', 'jasmine or mural', { type: 'websearch', config: 'simple' }), `to_tsvector('simple', body) @@ websearch_to_tsquery('simple', 'jasmine or mural')`],
    ['match', (q) => q.match({ author_id: 1, in_print: true }), 'author_id = 1 and in_print'],
    ['not', (q) => q.not('author_id', 'is', null), 'author_id is not null'],
    ['not in', (q) => q.not('id', 'in', '(1,2)'), 'id not in (1, 2)'],
    ['or', (q) => q.or('id.eq.1,title.eq."Untitled, 100%"'), `id = 1 or title = 'Untitled, 100%'`],
    ['or nested', (q) => q.or('and(price.gt.12,not.or(id.eq.2,id.eq.9)),tags.cs.{poem,long}'), `(price > 12 and not (id = 2 or id = 9)) or tags @> '{poem,long}'`],
    ['several at once', (q) => q.gt('id', 1).lt('id', 4).filter('price', 'gte', 15), 'id > 1 and id < 4 and price >= 15'],
    ['filter with any', (q) => q.filter('id', 'eq(any)', '{1,2}'), 'id = any (array[1, 2])'],
  ];

  it.each(cases)('%s', (_name, filtered, condition) => expectRows(filtered(books()), condition));

  it('gives no rows for an empty list', async () => {
    expect(await books().in('id', [])).toMatchObject({ data: [], error: null });
  });

  it('keeps a quote inside a quoted value', async () => {
    expect(await books().or('title.eq."Beirut \\"75\\""')).toMatchObject({ data: [{ id: 3 }], error: null });
  });

  it('compares enums, domains and dates by their own types', async () => {
    const authors = () => server.service.from('authors').select('id');
    expect(await authors().gt('mood', 'calm')).toMatchObject({ data: [{ id: 2 }], error: null });
    expect(await authors().eq('mail', 'no-at-sign')).toMatchObject({ data: [], error: null });
    expect(await authors().lt('born', '1930-01-01')).toMatchObject({ data: [{ id: 1 }], error: null });
  });
});

describe('order, limit, range and count', () => {
  it('orders by several terms and places nulls', async () => {
    const request = server.service.from('books').select('id').order('price', { ascending: false, nullsFirst: false }).order('title');
    expect(await request).toMatchObject({ data: await oracle('select id from books order by price desc nulls last, title') });
    const byJson = server.service.from('books').select('id').order('data->n', { ascending: false, nullsFirst: true }).order('id');
    expect(await byJson).toMatchObject({ data: await oracle(`select id from books order by data->'n' desc nulls first, id`) });
  });

  it('takes a window of rows', async () => {
    expect(await books().limit(2)).toMatchObject({ data: [{ id: 1 }, { id: 2 }] });
    expect(await books().range(1, 2)).toMatchObject({ data: [{ id: 2 }, { id: 3 }] });
    expect(await books().limit(0)).toMatchObject({ data: [], error: null, status: 200 });
  });

  it('counts exactly beside a window, and says that it is a part', async () => {
    expect(await server.service.from('books').select('id', { count: 'exact' }).order('id').range(1, 2)).toMatchObject({ count: 4, status: 206, data: [{ id: 2 }, { id: 3 }] });
    expect(await server.service.from('books').select('id', { count: 'exact' }).gt('id', 1)).toMatchObject({ count: 3, status: 200 });
  });

  it('counts without rows', async () => {
    expect(await server.service.from('books').select('*', { count: 'exact', head: true }).eq('in_print', true)).toMatchObject({ count: 2, data: null, status: 200 });
  });

  it('asks the planner for a count', async () => {
    await server.db.exec('analyze authors');
    expect(await server.service.from('authors').select('id', { count: 'planned' })).toMatchObject({ count: 3, error: null });
    expect(await server.service.from('authors').select('id', { count: 'estimated' })).toMatchObject({ count: 3, error: null });
  });

  it('refuses a window beyond the last row', async () => {
    expect(await server.service.from('books').select('id', { count: 'exact' }).range(10, 12)).toMatchObject({
      status: 416,
      error: { code: 'PGRST103', details: 'An offset of 10 was requested, but there are only 4 rows.', hint: null, message: 'Requested range not satisfiable' },
    });
  });

  it('obeys a Range header and names the range', async () => {
    const authorization = `Bearer ${await server.token({ role: 'service_role' })}`;
    const reply = await server.fetch('/books?select=id&order=id', { headers: { authorization, range: '1-1', 'range-unit': 'items', prefer: 'count=exact' } });
    expect([reply.status, reply.headers.get('content-range'), await reply.text()]).toEqual([206, '1-1/4', '[{"id":2}]']);
    expect(reply.headers.get('preference-applied')).toBe('count=exact');
    const backwards = await server.fetch('/books', { headers: { authorization, range: '5-1' } });
    expect(backwards.status).toBe(416);
    const none = await server.fetch('/books?id=eq.77', { headers: { authorization, prefer: 'count=exact' } });
    expect(none.headers.get('content-range')).toBe('*/0');
  });

  it('reads no more rows than a page holds', async () => {
    const api = createRestApi({ db: server.db, tokens: createTokens(), logger: silentLogger, settings: { maxRows: 2 } });
    const headers = { apikey: server.anonKey, prefer: 'count=estimated' };
    const [all, more] = await Promise.all([api.request('/genres?select=id&order=id', { headers }), api.request('/genres?select=id&order=id&limit=9', { headers })]);
    expect([all.status, all.headers.get('content-range')?.split('/')[0], await all.json()]).toEqual([206, '0-1', [{ id: 1 }, { id: 2 }]]);
    expect(await more.json()).toEqual([{ id: 1 }, { id: 2 }]);
  });
});

describe('shapes', () => {
  it('gives one object for single', async () => {
    expect(await books('id,title').eq('id', 2).single()).toMatchObject({ data: { id: 2, title: 'Mural' }, error: null, status: 200 });
  });

  it.each([
    [0, 77],
    [4, null],
  ])('refuses single for %i rows', async (rows, id) => {
    const request = id === null ? books() : books().eq('id', id);
    expect(await request.single()).toMatchObject({
      status: 406,
      data: null,
      error: { code: 'PGRST116', details: `The result contains ${rows} rows`, hint: null, message: 'Cannot coerce the result to a single JSON object' },
    });
  });

  it('gives null or one object for maybeSingle', async () => {
    expect(await books().eq('id', 77).maybeSingle()).toMatchObject({ data: null, error: null, status: 200 });
    expect(await books().eq('id', 1).maybeSingle()).toMatchObject({ data: { id: 1 }, error: null });
    expect(await books().maybeSingle()).toMatchObject({ data: null, error: { code: 'PGRST116' } });
  });

  it('gives CSV', async () => {
    const { data } = await server.service.from('books').select('id,title,tags').in('id', [2, 3]).order('id').csv();
    expect(data).toBe('id,title,tags\n2,Mural,"{poem,long}"\n3,"Beirut ""75""",{novel}');
  });

  it('leaves nulls out on request', async () => {
    expect(await books('id,title,price').eq('id', BIG).stripNulls()).toEqual(expect.objectContaining({ data: [{ id: Number(BIG), title: 'Untitled, 100%' }] }));
    expect((await books('id,price').eq('id', BIG).stripNulls().single()).data).toEqual({ id: Number(BIG) });
  });

  it('refuses what Supabase leaves off: plans and GeoJSON', async () => {
    expect(await books().explain()).toMatchObject({ status: 406, error: { code: 'PGRST107' } });
    expect(await books().geojson()).toMatchObject({ status: 406, error: { code: 'PGRST107' } });
  });

  it('throws the error when asked to', async () => {
    await expect(server.service.from('books').select('nope').throwOnError()).rejects.toMatchObject({ code: '42703' });
  });

  it('answers before the client gives up', async () => {
    expect(await books().limit(1).abortSignal(AbortSignal.timeout(30_000))).toMatchObject({ data: [{ id: 1 }], error: null });
  });
});
