import type { Session, SupabaseClient } from '@supabase/supabase-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/database.ts';
import { startAuthServer, type AuthServer } from './authServer.ts';
import { openProjectDatabase, people } from './schemaDatabase.ts';

const SARA = { email: 'sara@ruwad.example', password: 'ruwad-demo' };
const HOUR_S = 3600;

let db: Database;
let server: AuthServer;

beforeAll(async () => {
  db = await openProjectDatabase();
  server = await startAuthServer(db);
});
afterEach(() => {
  server.clock.aheadMs = 0;
});
afterAll(async () => {
  await server.close();
  await db.close();
});

const newClient = () => server.newClient();
const call: AuthServer['call'] = (path, init) => server.call(path, init);

async function signIn(client: SupabaseClient = newClient()): Promise<{ client: SupabaseClient; session: Session }> {
  const { data, error } = await client.auth.signInWithPassword(SARA);
  if (error) throw error;
  return { client, session: data.session };
}

const refresh = async (token: string) => {
  const response = await call('/token?grant_type=refresh_token', { method: 'POST', body: JSON.stringify({ refresh_token: token }) });
  const body = (await response.json()) as { refresh_token: string; error_code?: string };
  return { status: response.status, token: body.refresh_token, code: body.error_code };
};

describe('supabase-js, unmodified', () => {
  it('signs in with a password and gets a token with the claims of GoTrue', async () => {
    const { session } = await signIn();
    expect(session).toMatchObject({ token_type: 'bearer', expires_in: HOUR_S, user: { id: people.sara, email: SARA.email, user_metadata: { name_ar: 'سارة القحطاني' }, identities: [{ provider: 'email' }] } });
    const verified = await server.tokens.verify(session.access_token);
    expect(verified).toMatchObject({
      ok: true,
      token: {
        role: 'authenticated',
        claims: {
          iss: `${server.url}/auth/v1`, sub: people.sara, aud: 'authenticated', email: SARA.email, aal: 'aal1', is_anonymous: false,
          app_metadata: { provider: 'email' }, user_metadata: { name: 'Sara Al-Qahtani' }, amr: [{ method: 'password' }],
        },
      },
    });
    expect(verified.ok && verified.token.claims['session_id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(session.expires_at).toBe(verified.ok && verified.token.exp);
  });

  it('accepts the address in any case', async () => {
    const { data } = await newClient().auth.signInWithPassword({ email: 'Layla@Ruwad.example', password: 'ruwad-demo' });
    expect(data.user?.id).toBe(people.layla);
  });

  it.each([
    ['a wrong password', { email: SARA.email, password: 'wrong' }],
    ['an unknown address', { email: 'nobody@ruwad.example', password: 'ruwad-demo' }],
    ['SQL for a password', { email: SARA.email, password: `' or true --` }],
  ])('is refused with %s', async (_what, credentials) => {
    const { data, error } = await newClient().auth.signInWithPassword(credentials);
    expect(data.session).toBeNull();
    expect(error).toMatchObject({ name: 'AuthApiError', status: 400, code: 'invalid_credentials', message: 'Invalid login credentials' });
  });

  it('refreshes its session', async () => {
    const { client, session } = await signIn();
    server.clock.aheadMs = 10_000;
    const { data, error } = await client.auth.refreshSession();
    expect(error).toBeNull();
    expect(data.session?.refresh_token).not.toBe(session.refresh_token);
    expect(data.session?.expires_at).toBeGreaterThan(session.expires_at ?? Infinity);
  });

  it('takes a session over from elsewhere, and refreshes one that is over before it is used', async () => {
    const { session } = await signIn();
    const client = newClient();
    expect((await client.auth.setSession(session)).data.user?.id).toBe(people.sara);
    expect((await client.auth.getSession()).data.session?.access_token).toBe(session.access_token);
    const other = newClient();
    const expired = await server.tokens.sign({ sub: people.sara, role: 'authenticated' }, { expiresInS: -60 });
    server.clock.aheadMs = 10_000;
    const { data } = await other.auth.setSession({ access_token: expired, refresh_token: session.refresh_token });
    expect(data.session?.refresh_token).not.toBe(session.refresh_token);
    expect((await newClient().auth.setSession({ access_token: 'garbage', refresh_token: 'garbage' })).error).not.toBeNull();
  });

  it('gets its user, and its claims by asking the server', async () => {
    const { client } = await signIn();
    expect((await client.auth.getUser()).data.user).toMatchObject({ id: people.sara, role: 'authenticated' });
    expect((await client.auth.getClaims()).data?.claims).toMatchObject({ sub: people.sara, role: 'authenticated' });
  });

  it('updates its metadata key by key; null removes one', async () => {
    const { client } = await signIn();
    await client.auth.updateUser({ data: { theme: 'dark', city: 'الرياض' } });
    const { data } = await client.auth.updateUser({ data: { theme: null } });
    expect(data.user?.user_metadata).toMatchObject({ city: 'الرياض', name: 'Sara Al-Qahtani' });
    expect(data.user?.user_metadata).not.toHaveProperty('theme');
    const { data: refreshed } = await client.auth.refreshSession();
    expect(refreshed.user?.user_metadata['city']).toBe('الرياض');
  });

  it('changes its password, which ends the other sessions', async () => {
    const credentials = { email: 'khalid@ruwad.example', password: 'ruwad-demo' };
    const [here, elsewhere] = [newClient(), newClient()];
    await here.auth.signInWithPassword(credentials);
    await elsewhere.auth.signInWithPassword(credentials);
    expect((await here.auth.updateUser({ password: 'tiny' })).error).toMatchObject({ code: 'weak_password', status: 422 });
    expect((await here.auth.updateUser({ password: 'ruwad-demo' })).error).toMatchObject({ code: 'same_password', status: 422 });
    expect((await here.auth.updateUser({ password: 'another-one' })).error).toBeNull();
    expect((await here.auth.getUser()).error).toBeNull();
    expect((await elsewhere.auth.getUser()).error).toMatchObject({ name: 'AuthSessionMissingError' });
    expect((await newClient().auth.signInWithPassword(credentials)).error).toMatchObject({ code: 'invalid_credentials' });
  });

  it.each([
    ['global', [true, true]],
    ['local', [true, false]],
    ['others', [false, true]],
  ] as const)('signs out with scope %s', async (scope, ended) => {
    const [here, elsewhere] = [await signIn(), await signIn()];
    expect((await here.client.auth.signOut({ scope })).error).toBeNull();
    const signedOut = await Promise.all([here, elsewhere].map(async ({ session }) => (await newClient().auth.getUser(session.access_token)).error?.name === 'AuthSessionMissingError'));
    expect(signedOut).toEqual(ended);
    expect((await refresh(here.session.refresh_token)).code).toBe(ended[0] ? 'refresh_token_not_found' : undefined);
  });
});

describe('refresh tokens', () => {
  it('rotate: each answer brings the next', async () => {
    const { session } = await signIn();
    const second = await refresh(session.refresh_token);
    const third = await refresh(second.token);
    expect(new Set([session.refresh_token, second.token, third.token]).size).toBe(3);
  });

  it('give the current one again to whoever lost the answer, however late', async () => {
    const { session } = await signIn();
    const lost = await refresh(session.refresh_token);
    server.clock.aheadMs = 60_000;
    expect((await refresh(session.refresh_token)).token).toBe(lost.token);
  });

  it('used two turns ago are accepted within the reuse interval', async () => {
    const { session } = await signIn();
    await refresh((await refresh(session.refresh_token)).token);
    server.clock.aheadMs = 9_000;
    expect((await refresh(session.refresh_token)).status).toBe(200);
  });

  it('used two turns ago are taken for stolen after the reuse interval: the session is over', async () => {
    const { session } = await signIn();
    const current = await refresh((await refresh(session.refresh_token)).token);
    server.clock.aheadMs = 11_000;
    expect(await refresh(session.refresh_token)).toMatchObject({ status: 400, code: 'refresh_token_already_used' });
    server.clock.aheadMs = 30_000;
    expect(await refresh(current.token)).toMatchObject({ status: 400, code: 'refresh_token_already_used' });
  });

  it('are refused when unknown', async () => {
    expect(await refresh('garbage')).toMatchObject({ status: 400, code: 'refresh_token_not_found' });
  });
});

describe('access tokens', () => {
  it('expire after an hour', async () => {
    const { session } = await signIn();
    server.clock.aheadMs = HOUR_S * 1000 + 1000;
    const { error } = await newClient().auth.getUser(session.access_token);
    expect(error).toMatchObject({ status: 403, code: 'bad_jwt' });
    expect(error?.message).toContain('token is expired');
  });

  it.each([
    ['no bearer token', undefined, 401, 'no_authorization'],
    ['garbage', 'garbage', 403, 'bad_jwt'],
    ['the anon key, which is nobody', 'anon', 403, 'bad_jwt'],
  ])('are needed to get the user: %s', async (_what, token, status, code) => {
    const bearer = token === 'anon' ? server.apikey : token;
    const response = await call('/user', bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } });
    expect([response.status, await response.json()]).toMatchObject([status, { code: status, error_code: code }]);
  });

  it('signed by hand, without a session, are taken', async () => {
    const token = await server.tokens.sign({ sub: people.omar, role: 'authenticated', aud: 'authenticated' });
    expect((await newClient().auth.getUser(token)).data.user?.id).toBe(people.omar);
  });

  it('of a deleted user are refused', async () => {
    const token = await server.tokens.sign({ sub: 'a0000000-0000-4000-8000-0000000000ff', role: 'authenticated' });
    expect((await newClient().auth.getUser(token)).error).toMatchObject({ status: 403, code: 'user_not_found' });
  });
});

describe('bad input', () => {
  it('is refused without an api key, as the gateway does', async () => {
    const response = await fetch(`${server.url}/auth/v1/settings`);
    expect([response.status, await response.json()]).toMatchObject([401, { message: 'No API key found in request' }]);
    expect((await fetch(`${server.url}/auth/v1/settings?apikey=${server.apikey}`)).status).toBe(200);
    expect(await (await call('/health', { headers: { apikey: 'wrong' } })).json()).toMatchObject({ message: 'Invalid API key' });
  });

  it.each([
    ['/token?grant_type=password', '{', 'bad_json'],
    ['/token?grant_type=password', '[]', 'bad_json'],
    ['/token?grant_type=password', '{}', 'validation_failed'],
    ['/token?grant_type=password', '{"email": 5, "password": "x"}', 'validation_failed'],
    ['/token?grant_type=password', '{"email": "a\\u0000b", "password": "x"}', 'validation_failed'],
    ['/token?grant_type=refresh_token', '{"refresh_token": ["x"]}', 'validation_failed'],
    ['/token?grant_type=magic', '{}', 'invalid_credentials'],
    ['/token', '{}', 'invalid_credentials'],
  ])('X3: POST %s with %s is %s', async (path, body, code) => {
    const response = await call(path, { method: 'POST', body });
    expect([response.status, await response.json()]).toMatchObject([400, { code: 400, error_code: code }]);
  });

  it('X3: a body that is too large is refused with 413, and the next request is served', async () => {
    const response = await call('/token?grant_type=password', { method: 'POST', body: JSON.stringify({ ...SARA, padding: 'x'.repeat(1_000_000) }) });
    expect([response.status, await response.json()]).toMatchObject([413, { code: 413, error_code: 'validation_failed' }]);
    expect((await call('/token?grant_type=password', { method: 'POST', body: JSON.stringify(SARA) })).status).toBe(200);
  });

  it('a part of Auth that is not here is not found', async () => {
    expect((await call('/passkeys')).status).toBe(404);
  });

  it('X2: leaves no address, password or token in the log', () => {
    expect(server.log.filter((line) => /@|ruwad-demo|eyJ/.test(line))).toEqual([]);
  });
});
