import { serve, type ServerType } from '@hono/node-server';
import { createClient, type Session, type SupabaseClient } from '@supabase/supabase-js';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import ws from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAuthApi } from '../src/auth/index.ts';
import type { Database } from '../src/database/database.ts';
import type { Logger } from '../src/logger.ts';
import { anonKey, createTokens } from '../src/tokens/index.ts';
import { openProjectDatabase, people } from './schemaDatabase.ts';

const SARA = { email: 'sara@ruwad.example', password: 'ruwad-demo' };
const HOUR_S = 3600;

let db: Database;
let server: ServerType;
let url: string;
let apikey: string;
/** The server's clock runs ahead of the real one by this much. */
let aheadMs = 0;
const now = () => Date.now() + aheadMs;
const tokens = createTokens({ now });
const log: string[] = [];
const clients: SupabaseClient[] = [];

beforeAll(async () => {
  db = await openProjectDatabase();
  apikey = await anonKey();
  const write = (message: string, fields?: unknown) => void log.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const app = new Hono().route('/auth/v1', createAuthApi({ db, tokens, logger, now }));
  await new Promise<void>((resolve) => {
    server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => resolve());
  });
  // True by the type of a TCP listener; only pipes have a string here.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  aheadMs = 0;
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.removeAllChannels()));
  await new Promise((resolve) => server.close(resolve));
  await db.close();
});

function newClient(): SupabaseClient {
  const client = createClient(url, apikey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // supabase-js needs a WebSocket on Node 20, although nothing here opens one.
    realtime: { transport: ws as never },
  });
  clients.push(client);
  return client;
}

async function signIn(client: SupabaseClient = newClient()): Promise<{ client: SupabaseClient; session: Session }> {
  const { data, error } = await client.auth.signInWithPassword(SARA);
  if (error) throw error;
  return { client, session: data.session };
}

const call = (path: string, { headers = {}, ...init }: { method?: string; body?: string; headers?: Record<string, string> } = {}) =>
  fetch(`${url}/auth/v1${path}`, { ...init, headers: { apikey, ...headers } });
const refresh = async (token: string) => {
  const response = await call('/token?grant_type=refresh_token', { method: 'POST', body: JSON.stringify({ refresh_token: token }) });
  const body = (await response.json()) as { refresh_token: string; error_code?: string };
  return { status: response.status, token: body.refresh_token, code: body.error_code };
};

describe('supabase-js, unmodified', () => {
  it('signs in with a password and gets a token with the claims of GoTrue', async () => {
    const { session } = await signIn();
    expect(session).toMatchObject({ token_type: 'bearer', expires_in: HOUR_S, user: { id: people.sara, email: SARA.email, user_metadata: { name_ar: 'سارة القحطاني' }, identities: [{ provider: 'email' }] } });
    const verified = await tokens.verify(session.access_token);
    expect(verified).toMatchObject({
      ok: true,
      token: {
        role: 'authenticated',
        claims: {
          iss: `${url}/auth/v1`, sub: people.sara, aud: 'authenticated', email: SARA.email, aal: 'aal1', is_anonymous: false,
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
    aheadMs = 10_000;
    const { data, error } = await client.auth.refreshSession();
    expect(error).toBeNull();
    expect(data.session?.refresh_token).not.toBe(session.refresh_token);
    expect(data.session?.expires_at).toBeGreaterThan(session.expires_at ?? Infinity);
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

  it('cannot sign up', async () => {
    const { error } = await newClient().auth.signUp({ email: 'new@ruwad.example', password: 'long-enough' });
    expect(error).toMatchObject({ code: 'signup_disabled', status: 422 });
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
    aheadMs = 60_000;
    expect((await refresh(session.refresh_token)).token).toBe(lost.token);
  });

  it('used two turns ago are accepted within the reuse interval', async () => {
    const { session } = await signIn();
    await refresh((await refresh(session.refresh_token)).token);
    aheadMs = 9_000;
    expect((await refresh(session.refresh_token)).status).toBe(200);
  });

  it('used two turns ago are taken for stolen after the reuse interval: the session is over', async () => {
    const { session } = await signIn();
    const current = await refresh((await refresh(session.refresh_token)).token);
    aheadMs = 11_000;
    expect(await refresh(session.refresh_token)).toMatchObject({ status: 400, code: 'refresh_token_already_used' });
    aheadMs = 30_000;
    expect(await refresh(current.token)).toMatchObject({ status: 400, code: 'refresh_token_already_used' });
  });

  it('are refused when unknown', async () => {
    expect(await refresh('garbage')).toMatchObject({ status: 400, code: 'refresh_token_not_found' });
  });
});

describe('access tokens', () => {
  it('expire after an hour', async () => {
    const { session } = await signIn();
    aheadMs = HOUR_S * 1000 + 1000;
    const { error } = await newClient().auth.getUser(session.access_token);
    expect(error).toMatchObject({ status: 403, code: 'bad_jwt' });
    expect(error?.message).toContain('token is expired');
  });

  it.each([
    ['no bearer token', undefined, 401, 'no_authorization'],
    ['garbage', 'garbage', 403, 'bad_jwt'],
    ['the anon key, which is nobody', 'anon', 403, 'bad_jwt'],
  ])('are needed to get the user: %s', async (_what, token, status, code) => {
    const bearer = token === 'anon' ? apikey : token;
    const response = await call('/user', bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } });
    expect([response.status, await response.json()]).toMatchObject([status, { code: status, error_code: code }]);
  });

  it('signed by hand, without a session, are taken', async () => {
    const token = await tokens.sign({ sub: people.omar, role: 'authenticated', aud: 'authenticated' });
    expect((await newClient().auth.getUser(token)).data.user?.id).toBe(people.omar);
  });

  it('of a deleted user are refused', async () => {
    const token = await tokens.sign({ sub: 'a0000000-0000-4000-8000-0000000000ff', role: 'authenticated' });
    expect((await newClient().auth.getUser(token)).error).toMatchObject({ status: 403, code: 'user_not_found' });
  });
});

describe('bad input', () => {
  it('is refused without an api key, as the gateway does', async () => {
    const response = await fetch(`${url}/auth/v1/settings`);
    expect([response.status, await response.json()]).toMatchObject([401, { message: 'No API key found in request' }]);
    expect((await fetch(`${url}/auth/v1/settings?apikey=${apikey}`)).status).toBe(200);
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
    expect((await call('/recover', { method: 'POST', body: '{}' })).status).toBe(404);
  });

  it('X2: leaves no address, password or token in the log', () => {
    expect(log.filter((line) => /@|ruwad-demo|eyJ/.test(line))).toEqual([]);
  });
});
