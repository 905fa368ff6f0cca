import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../src/logger.ts';
import { createRestApi } from '../src/rest/index.ts';
import { createTokens } from '../src/tokens/index.ts';
import { FIXTURE, SARA } from './restFixture.ts';
import { startRestServer, type PlainRequest, type RestServer } from './restServer.ts';

let server: RestServer;
let bearer: { authorization: string };
beforeAll(async () => {
  server = await startRestServer(FIXTURE, { maxBodyBytes: 10_000 });
  bearer = { authorization: `Bearer ${await server.token({ role: 'service_role' }, 1e9)}` };
}, 60_000);
afterAll(() => server.close());

/** Status and body of a reply. */
async function answer(path: string, init?: PlainRequest): Promise<[number, unknown]> {
  const reply = await server.fetch(path, init);
  return [reply.status, await reply.json()];
}
const get = (path: string, headers: Record<string, string> = {}) => answer(path, { headers: { ...bearer, ...headers } });
const post = (path: string, body: string, headers: Record<string, string> = {}) => answer(path, { method: 'POST', body, headers: { ...bearer, ...headers } });

describe('keys and tokens', () => {
  it('needs a project key', async () => {
    const reply = await fetch(`${server.url}/rest/v1/books`);
    expect([reply.status, await reply.json()]).toEqual([401, { message: 'No API key found in request', hint: 'No `apikey` request header or url param was found.' }]);
    const wrong = await fetch(`${server.url}/rest/v1/books`, { headers: { apikey: 'guess' } });
    expect([wrong.status, await wrong.json()]).toEqual([401, { message: 'Invalid API key', hint: 'Double check your Supabase `anon` or `service_role` API key.' }]);
  });

  it('takes the key from the query too', async () => {
    const reply = await fetch(`${server.url}/rest/v1/cheap_books?select=id&apikey=${server.anonKey}`);
    expect(reply.status).toBe(200);
  });

  it.each([
    ['abc', 'PGRST301', 'Expected 3 parts in JWT; got 1'],
    ['', 'PGRST301', 'Empty JWT is sent in Authorization header'],
    ['eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl', 'PGRST301', 'No suitable key or wrong key type'],
    ['eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.', 'PGRST301', 'Wrong or unsupported encoding algorithm'],
  ])('refuses the token "%s"', async (token, code, message) => {
    const reply = await server.fetch('/books', { headers: { authorization: `Bearer ${token}` } });
    expect([reply.status, await reply.json()]).toMatchObject([401, { code, message, hint: null }]);
    expect(reply.headers.get('www-authenticate')).toBe(`Bearer error="invalid_token", error_description="${message}"`);
  });

  it('refuses an expired token', async () => {
    const token = await server.token({ role: 'authenticated', sub: SARA }, 60);
    server.clock.now += 61_000;
    const reply = await server.fetch('/books', { headers: { authorization: `Bearer ${token}` } });
    expect([reply.status, await reply.json()]).toEqual([401, { code: 'PGRST303', details: null, hint: null, message: 'JWT expired' }]);
    expect(reply.headers.get('www-authenticate')).toContain('JWT expired');
  });

  it('takes a token without a role as anonymous, and refuses a role that does not exist or is not for callers', async () => {
    const whoami = async (claims: Record<string, unknown>) => answer('/rpc/whoami', { headers: { authorization: `Bearer ${await server.token(claims)}` } });
    expect(await whoami({ sub: 'x' })).toMatchObject([200, { role: 'anon', sub: 'x' }]);
    expect(await whoami({ role: 'nobody' })).toMatchObject([401, { code: '22023', message: 'role "nobody" does not exist' }]);
    expect(await whoami({ role: 'postgres' })).toMatchObject([403, { code: '42501' }]);
  });
});

describe('requests outside the grammar', () => {
  it.each([
    ['/books?id=5', '"failed to parse filter (5)" (line 1, column 1)'],
    ['/books?id=noop.5', '"failed to parse filter (noop.5)" (line 1, column 1)'],
    ['/books?id=in.1,2', '"failed to parse filter (in.1,2)" (line 1, column 4)'],
    ['/books?id=is.maybe', '"failed to parse filter (is.maybe)" (line 1, column 4)'],
    ['/books?select=id,,title', '"failed to parse select parameter (id,,title)" (line 1, column 4)'],
    ['/books?select=id,covers(url', '"failed to parse select parameter (id,covers(url)" (line 1, column 14)'],
    ['/books?select=title[]', '"failed to parse select parameter (title[])" (line 1, column 6)'],
    ['/books?order=id.sideways', '"failed to parse order (id.sideways)" (line 1, column 4)'],
    ['/books?or=(id.eq.1', '"failed to parse logic tree ((id.eq.1)" (line 1, column 11)'],
    ['/books?columns=,', '"failed to parse columns parameter (,)" (line 1, column 1)'],
  ])('%s', async (path, message) => {
    const [status, body] = await get(path);
    expect([status, body]).toMatchObject([400, { code: 'PGRST100', message, hint: null }]);
  });

  it('says what it found and what it wanted', async () => {
    expect(await get('/books?id=5')).toMatchObject([400, { details: 'unexpected "5" expecting "not" or operator (eq, gt, ...)' }]);
    expect(await get('/books?order=id.asc.x')).toMatchObject([400, { details: 'unexpected "x" expecting "nullsfirst" or "nullslast"' }]);
  });
});

describe('requests for what is not there', () => {
  it('offers the nearest table', async () => {
    expect(await get('/bookz')).toEqual([404, { code: 'PGRST205', details: null, hint: "Perhaps you meant the table 'public.books'", message: "Could not find the table 'public.bookz' in the schema cache" }]);
    expect(await get('/completely_else')).toMatchObject([404, { code: 'PGRST205', hint: null }]);
  });

  it('reports unknown columns as Postgres does', async () => {
    expect(await get('/books?select=nope')).toMatchObject([400, { code: '42703', message: 'column books.nope does not exist' }]);
    expect(await get('/books?nope=eq.1')).toMatchObject([400, { code: '42703', message: 'column books.nope does not exist' }]);
    expect(await get('/books?order=nope')).toMatchObject([400, { code: '42703', message: 'column books.nope does not exist' }]);
  });

  it('reports values of the wrong type', async () => {
    expect(await get('/books?id=eq.abc')).toEqual([400, { code: '22P02', details: null, hint: null, message: 'invalid input syntax for type bigint: "abc"' }]);
  });

  it('reports operators and casts that do not exist', async () => {
    expect(await get('/books?id=like.a')).toMatchObject([404, { code: '42883' }]);
    expect(await get('/books?select=id::nope')).toMatchObject([400, { code: '42704' }]);
  });

  it('refuses another schema of supabase-js', async () => {
    expect(await server.service.schema('auth').from('users').select('*')).toMatchObject({ status: 406, error: { code: 'PGRST106' } });
    expect(await server.service.schema('public').from('genres').select('id').limit(1)).toMatchObject({ data: [{ id: 1 }] });
  });

  it('exposes one schema, and tables and functions alone', async () => {
    expect(await get('/books', { 'accept-profile': 'pg_catalog' })).toEqual([406, { code: 'PGRST106', details: null, hint: 'Only the following schemas are exposed: public', message: 'Invalid schema: pg_catalog' }]);
    expect(await post('/books', '{}', { 'content-profile': 'auth' })).toMatchObject([406, { code: 'PGRST106' }]);
    expect(await get('/books/1')).toMatchObject([404, { code: 'PGRST125' }]);
    expect(await get('/')).toMatchObject([404, { code: 'PGRST125' }]);
    expect(await answer('/books', { method: 'PUT', headers: bearer, body: '{}' })).toMatchObject([405, { code: 'PGRST117', message: 'Unsupported HTTP method: PUT' }]);
    expect(await get('/books', { accept: 'image/png' })).toMatchObject([406, { code: 'PGRST107' }]);
  });

  it('finds a table, a column and a function made a moment ago', async () => {
    expect(await get('/latecomer')).toMatchObject([404, {}]);
    await server.db.exec('create table latecomer (a int); insert into latecomer values (1)');
    expect(await get('/latecomer')).toEqual([200, [{ a: 1 }]]);
    await server.db.exec('alter table latecomer add column b int');
    expect(await post('/latecomer', '{"a": 2, "b": 3}', { prefer: 'return=representation' })).toEqual([201, [{ a: 2, b: 3 }]]);
    expect(await get('/latecomer?b=eq.3')).toEqual([200, [{ a: 2, b: 3 }]]);
    await server.db.exec(`create function late() returns int language sql as 'select 5'`);
    expect(await post('/rpc/late', '')).toEqual([200, 5]);
    await server.db.exec('drop table latecomer');
    expect(await get('/latecomer')).toMatchObject([404, { code: 'PGRST205' }]);
  });

  it('reads the catalogue again when it is told to', async () => {
    await server.db.exec('alter event trigger pgrst_ddl_watch disable');
    try {
      await server.db.exec('create table quiet (a int)');
      await get('/quiet');
      await server.db.exec('alter table quiet alter a type text; insert into quiet values (1)');
      expect(await get('/quiet?a=eq.1')).toMatchObject([404, { code: '42883' }]);
      await server.db.exec(`notify pgrst, 'reload schema'`);
      expect(await get('/quiet?a=eq.1')).toEqual([200, [{ a: '1' }]]);
    } finally {
      await server.db.exec('alter event trigger pgrst_ddl_watch enable');
    }
  });
});

describe('bodies and preferences that cannot be used', () => {
  const invalid = { code: 'PGRST102', details: null, hint: null, message: 'Empty or invalid json' };

  it.each(['', '{', 'null', '5', '"text"'])('refuses the body %j', async (body) => {
    expect(await post('/counters', body)).toEqual([400, invalid]);
  });

  it('refuses rows of different keys and other types', async () => {
    expect(await post('/counters', '[{"name": "a"}, {"value": 1}]')).toEqual([400, { ...invalid, message: 'All object keys must match' }]);
    expect(await post('/counters', '[1, 2]')).toMatchObject([400, { code: 'PGRST102' }]);
    expect(await post('/counters', '{}', { 'content-type': 'application/xml' })).toMatchObject([400, { code: 'PGRST102', message: 'Content-Type not acceptable: application/xml' }]);
  });

  it('X3: refuses too many bytes, ends the connection they still come on, and serves the next request', async () => {
    const body = JSON.stringify({ name: 'x'.repeat(10_000) });
    const response = await server.fetch('/counters', { method: 'POST', body, headers: bearer });
    expect([response.status, response.headers.get('connection'), await response.json()]).toMatchObject([413, 'close', { code: 'PGRST102', message: 'Request body is too large' }]);
    expect(await get('/counters')).toEqual([200, []]);
  });

  it('refuses unknown preferences when told to be strict, and ignores them otherwise', async () => {
    expect(await get('/counters', { prefer: 'handling=strict, colour=blue' })).toMatchObject([400, { code: 'PGRST122', details: 'Invalid preferences: colour=blue' }]);
    expect(await get('/counters', { prefer: 'colour=blue' })).toEqual([200, []]);
  });
});

describe('faults of the server', () => {
  it('hides a crash from the caller and shows it to the log', async () => {
    const lines: unknown[] = [];
    const db = { ...server.db, runAs: () => Promise.reject(new Error('the secret inside')) };
    const logger = { ...silentLogger, error: (...line: unknown[]) => lines.push(line) };
    const reply = await createRestApi({ db, tokens: createTokens(), logger }).request('/books', { headers: { apikey: server.anonKey } });
    expect([reply.status, await reply.json()]).toEqual([500, { code: 'PGRSTX00', details: null, hint: null, message: 'Internal server error' }]);
    expect(JSON.stringify(lines)).toContain('the secret inside');
  });
});

describe('text that tries to become SQL', () => {
  const attacks = [`'; drop table books; --`, `"; drop table books; --`, `$1`, `\\'; drop table books; --`, `1) or (1=1`, `$$; drop table books; $$`, `books"."id`, 'ø\u0000null', `%27%20or%201=1`];
  const paths = (attack: string): string[] => {
    const text = encodeURIComponent(attack);
    const quoted = encodeURIComponent(`"${attack.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
    return [
      `/books?select=${text}`,
      `/books?select=${quoted}`,
      `/books?select=id::${text}`,
      `/books?select=${quoted}:id`,
      `/books?select=data->${quoted}`,
      `/books?select=id,${quoted}(id)`,
      `/books?select=id,covers!${quoted}(url)`,
      `/books?title=eq.${text}`,
      `/books?title=in.(${quoted},${text})`,
      `/books?title=like.${text}`,
      `/books?title=fts(${text}).x`,
      `/books?tags=cs.${text}`,
      `/books?${quoted}=eq.1`,
      `/books?data->>${quoted}=eq.1`,
      `/books?or=(title.eq.${quoted},${quoted}.is.null)`,
      `/books?order=${quoted}`,
      `/books?order=data->${quoted}.desc`,
      `/books?limit=${text}&offset=${text}`,
      `/${text}`,
      `/rpc/${text}?a=1`,
      `/rpc/add?a=${text}`,
      `/rpc/add?${text}=1`,
    ];
  };

  it.each(attacks)('stays text: %j', async (attack) => {
    for (const path of paths(attack)) {
      const reply = await server.fetch(path, { headers: bearer });
      const body = (await reply.json()) as { code?: string };
      expect([path, reply.status < 500, body.code === '42601']).toEqual([path, true, false]);
    }
    for (const query of ['', `?columns=${encodeURIComponent(`"${attack.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)}`, `?on_conflict=${encodeURIComponent(attack)}`]) {
      await post(`/counters${query}`, JSON.stringify([{ [attack]: attack }]), { prefer: 'resolution=merge-duplicates,missing=default' });
      await post(`/counters${query}`, JSON.stringify([{ name: attack.replaceAll('\0', '') }]), { prefer: 'return=representation' });
    }
    expect(await server.db.query('select count(*)::int as n from books')).toEqual([{ n: 4 }]);
  });

  it('stores an attack as the text it is', async () => {
    await server.db.exec('truncate counters');
    const name = `Robert'); drop table books;-- $1 \\ "x"`;
    expect(await post('/counters', JSON.stringify({ name }), { prefer: 'return=representation' })).toMatchObject([201, [{ name }]]);
    expect(await get(`/counters?name=eq.${encodeURIComponent(name)}&select=name`)).toEqual([200, [{ name }]]);
  });
});
