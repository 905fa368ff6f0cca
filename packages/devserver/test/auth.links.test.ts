import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/database.ts';
import { startAuthServer, type AuthServer } from './authServer.ts';
import { openProjectDatabase, people } from './schemaDatabase.ts';

const PASSWORD = 'correct horse';
const HOUR_MS = 3_600_000;

let db: Database;
let server: AuthServer;
beforeAll(async () => {
  db = await openProjectDatabase();
  server = await startAuthServer(db);
});
afterAll(async () => {
  await server.close();
  await db.close();
});
afterEach(() => {
  server.clock.aheadMs = 0;
});

const admin = () => server.service.auth.admin;
const magicLink = async (email = 'sara@ruwad.example') => {
  const { data, error } = await admin().generateLink({ type: 'magiclink', email });
  if (error) throw error;
  return data;
};

describe('links made with the service key', () => {
  it('sign in whoever has their hash, once', async () => {
    const { properties, user } = await magicLink();
    expect(user.id).toBe(people.sara);
    const client = server.newClient();
    const { data, error } = await client.auth.verifyOtp({ token_hash: properties.hashed_token, type: 'email' });
    expect(error).toBeNull();
    expect(data.user?.id).toBe(people.sara);
    const checked = await server.tokens.verify(data.session?.access_token);
    expect(checked).toMatchObject({ ok: true, token: { claims: { sub: people.sara, amr: [{ method: 'otp' }] } } });
    expect((await server.newClient().auth.verifyOtp({ token_hash: properties.hashed_token, type: 'email' })).error).toMatchObject({ status: 403, code: 'otp_expired', message: 'Email link is invalid or has expired' });
  });

  it('sign in whoever has the address and the code', async () => {
    const { properties } = await magicLink();
    expect(properties.email_otp).toMatch(/^\d{6}$/);
    const wrong = properties.email_otp === '123456' ? '654321' : '123456';
    const verify = (email: string, token: string) => server.newClient().auth.verifyOtp({ email, token, type: 'magiclink' });
    expect((await verify('sara@ruwad.example', wrong)).error).toMatchObject({ status: 403, code: 'otp_expired', message: 'Token has expired or is invalid' });
    expect((await verify('omar@ruwad.example', properties.email_otp)).error).toMatchObject({ code: 'otp_expired' });
    expect((await verify('Sara@Ruwad.example', properties.email_otp)).data.user?.id).toBe(people.sara);
  });

  it('are void after an hour, and when a later one is made', async () => {
    const first = await magicLink();
    const second = await magicLink();
    const verify = ({ properties }: typeof first) => server.newClient().auth.verifyOtp({ token_hash: properties.hashed_token, type: 'magiclink' });
    expect((await verify(first)).error).toMatchObject({ code: 'otp_expired' });
    server.clock.aheadMs = HOUR_MS + 1000;
    expect((await verify(second)).error).toMatchObject({ code: 'otp_expired' });
  });

  it('redirect a browser with its session, or with what went wrong', async () => {
    const { data } = await admin().generateLink({ type: 'magiclink', email: 'omar@ruwad.example', options: { redirectTo: 'http://localhost:5173/welcome' } });
    const open = async () => new URL((await fetch(data.properties?.action_link ?? '', { redirect: 'manual' })).headers.get('location') ?? '');
    const [taken, spent] = [await open(), await open()];
    expect(taken.href).toMatch(/^http:\/\/localhost:5173\/welcome#/);
    const fragment = new URLSearchParams(taken.hash.slice(1));
    expect((await server.newClient().auth.getUser(fragment.get('access_token') ?? '')).data.user?.id).toBe(people.omar);
    expect(fragment.get('type')).toBe('magiclink');
    expect(Object.fromEntries(new URLSearchParams(spent.hash.slice(1)))).toEqual({ error: 'access_denied', error_code: 'otp_expired', error_description: 'Email link is invalid or has expired' });
  });

  it('recover an account whose password is lost', async () => {
    const { data } = await admin().generateLink({ type: 'recovery', email: 'layla@ruwad.example' });
    const client = server.newClient();
    await client.auth.verifyOtp({ token_hash: data.properties?.hashed_token ?? '', type: 'recovery' });
    expect((await client.auth.updateUser({ password: PASSWORD })).error).toBeNull();
    expect((await server.newClient().auth.signInWithPassword({ email: 'layla@ruwad.example', password: PASSWORD })).error).toBeNull();
  });

  it('sign up and invite people, who are confirmed by opening them', async () => {
    for (const type of ['signup', 'invite'] as const) {
      const email = `${type}@ruwad.example`;
      const { data } = await admin().generateLink(type === 'signup' ? { type, email, password: PASSWORD, options: { data: { via: type } } } : { type, email, options: { data: { via: type } } });
      expect(data.user).toMatchObject({ email, user_metadata: { via: type } });
      expect(data.user?.email_confirmed_at).toBeUndefined();
      const { data: opened } = await server.newClient().auth.verifyOtp({ token_hash: data.properties?.hashed_token ?? '', type });
      expect(opened.user).toMatchObject({ id: data.user?.id, email_confirmed_at: expect.any(String) as string });
    }
    expect((await server.newClient().auth.signInWithPassword({ email: 'signup@ruwad.example', password: PASSWORD })).error).toBeNull();
  });

  it('by mail make an account for whoever has none', async () => {
    const { properties, user } = await magicLink('newcomer@ruwad.example');
    expect((await server.newClient().auth.verifyOtp({ token_hash: properties.hashed_token, type: 'email' })).data.user?.id).toBe(user.id);
  });

  it.each([
    ['a recovery of nobody', { type: 'recovery', email: 'nobody@ruwad.example' }, 404, 'user_not_found'],
    ['a sign-up of an address that is taken', { type: 'signup', email: 'sara@ruwad.example', password: PASSWORD }, 422, 'email_exists'],
    ['an invitation of an address that is taken', { type: 'invite', email: 'sara@ruwad.example' }, 422, 'email_exists'],
    ['a sign-up without a password', { type: 'signup', email: 'x@ruwad.example', password: '' }, 400, 'validation_failed'],
    ['a change of address, whose old owner would be asked by mail', { type: 'email_change_new', email: 'sara@ruwad.example', newEmail: 'b@ruwad.example' }, 400, 'email_provider_disabled'],
  ] as const)('are refused for %s', async (_what, params, status, code) => {
    expect((await admin().generateLink({ ...params })).error).toMatchObject({ status, code });
  });

  it('are made by nobody else', async () => {
    expect((await server.newClient().auth.admin.generateLink({ type: 'magiclink', email: 'sara@ruwad.example' })).error).toMatchObject({ status: 403, code: 'not_admin' });
  });

  it('keep no code in the database, only its hash', async () => {
    const { properties } = await magicLink();
    const [row] = await db.query<{ all: string }>(`select string_agg(t::text, '') as all from auth.one_time_tokens t`);
    expect(row?.all).toContain(properties.hashed_token);
    expect(row?.all.split(/\D+/)).not.toContain(properties.email_otp);
  });
});

it.each([
  ['{}', 'Verify requires a verification type'],
  ['{"type": "email"}', 'Verify requires either a token or a token hash'],
  ['{"type": "email", "token": "123456"}', 'Only an email address or phone number should be provided on verify'],
  ['{"type": "email", "token_hash": "x", "email": "sara@ruwad.example"}', 'Only the token_hash and type should be provided'],
  ['{"type": "teleport", "token_hash": "x"}', 'Unsupported verification type'],
])('X3: verification refuses %s', async (body, message) => {
  const response = await server.call('/verify', { method: 'POST', body });
  expect([response.status, await response.json()]).toEqual([400, { code: 400, error_code: 'validation_failed', msg: message }]);
});
