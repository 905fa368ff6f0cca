import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/database.ts';
import { startAuthServer, type AuthServer } from './authServer.ts';
import { openProjectDatabase } from './schemaDatabase.ts';

const PASSWORD = 'correct horse';

let db: Database;
let server: AuthServer;
/** A project that lets nobody sign up, and one that lets everybody in. */
let closed: AuthServer;
let anonymous: AuthServer;

beforeAll(async () => {
  db = await openProjectDatabase();
  server = await startAuthServer(db);
  closed = await startAuthServer(db, { signUps: false, anonymousSignIns: true });
  anonymous = await startAuthServer(db, { anonymousSignIns: true });
});
afterAll(async () => {
  await Promise.all([server.close(), closed.close(), anonymous.close()]);
  await db.close();
});

const userRow = async (id: string | undefined) => {
  const [row] = await db.query(
    `select email, aud, role, is_anonymous, email_confirmed_at is not null as confirmed, raw_app_meta_data as app, encrypted_password is not null as has_password
     from auth.users where id = $1`,
    [id],
  );
  return row;
};
const claimsOf = async (token: string | undefined) => {
  const checked = await server.tokens.verify(token);
  return checked.ok ? checked.token.claims : null;
};

describe('signing up with a password', () => {
  it('opens a session at once, for addresses are confirmed without mail', async () => {
    const { data, error } = await server.newClient().auth.signUp({ email: 'Huda@Ruwad.example', password: PASSWORD, options: { data: { name: 'Huda' } } });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({
      email: 'huda@ruwad.example', aud: 'authenticated', role: 'authenticated', is_anonymous: false,
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: { name: 'Huda', email: 'huda@ruwad.example', email_verified: true, phone_verified: false, sub: data.user?.id },
      identities: [{ provider: 'email', identity_data: { email: 'huda@ruwad.example', sub: data.user?.id } }],
    });
    expect(data.user?.email_confirmed_at).toBeDefined();
    expect(await claimsOf(data.session?.access_token)).toMatchObject({ sub: data.user?.id, role: 'authenticated', aal: 'aal1', amr: [{ method: 'password' }] });
    expect(await userRow(data.user?.id)).toEqual({ email: 'huda@ruwad.example', aud: 'authenticated', role: 'authenticated', is_anonymous: false, confirmed: true, app: { provider: 'email', providers: ['email'] }, has_password: true });
  });

  it('runs the triggers of auth.users, which make the profile', async () => {
    const { data } = await server.newClient().auth.signUp({ email: 'profile@ruwad.example', password: PASSWORD, options: { data: { name: 'Profile' } } });
    expect(await db.query('select id from public.profiles where id = $1', [data.user?.id])).toEqual([{ id: data.user?.id }]);
  });

  it('lets the account sign in afterwards', async () => {
    await server.newClient().auth.signUp({ email: 'again@ruwad.example', password: PASSWORD });
    const { data } = await server.newClient().auth.signInWithPassword({ email: 'again@ruwad.example', password: PASSWORD });
    expect(data.user?.email).toBe('again@ruwad.example');
  });

  it('refuses an address that is taken, in any case', async () => {
    await server.newClient().auth.signUp({ email: 'taken@ruwad.example', password: PASSWORD });
    const { data, error } = await server.newClient().auth.signUp({ email: 'TAKEN@ruwad.example', password: PASSWORD });
    expect(data.session).toBeNull();
    expect(error).toMatchObject({ status: 422, code: 'user_already_exists', message: 'User already registered' });
  });

  it('confirms an account that was made without confirming it, and leaves its password', async () => {
    const { data: made } = await server.service.auth.admin.createUser({ email: 'waiting@ruwad.example', password: 'the first one' });
    const { data } = await server.newClient().auth.signUp({ email: 'waiting@ruwad.example', password: PASSWORD });
    expect(data.user).toMatchObject({ id: made.user?.id, email_confirmed_at: expect.any(String) as string });
    expect((await server.newClient().auth.signInWithPassword({ email: 'waiting@ruwad.example', password: 'the first one' })).error).toBeNull();
  });

  it.each([
    ['no password', { email: 'a@ruwad.example', password: '' }, 400, 'validation_failed', 'Signup requires a valid password'],
    ['a short password', { email: 'a@ruwad.example', password: 'tiny' }, 422, 'weak_password', 'Password should be at least 6 characters.'],
    ['a password that bcrypt would cut', { email: 'a@ruwad.example', password: 'x'.repeat(73) }, 400, 'validation_failed', 'Password cannot be longer than 72 characters'],
    ['what is no address', { email: 'not an address', password: PASSWORD }, 400, 'validation_failed', 'Unable to validate email address: invalid format'],
    ['a telephone number', { phone: '966500000000', password: PASSWORD }, 400, 'phone_provider_disabled', 'Phone signups are disabled'],
  ])('refuses %s', async (_what, credentials, status, code, message) => {
    const { error } = await server.newClient().auth.signUp(credentials);
    expect(error).toMatchObject({ status, code, message });
  });

  it('says what is wrong with a weak password', async () => {
    const { error } = await server.newClient().auth.signUp({ email: 'a@ruwad.example', password: 'tiny' });
    expect(error).toMatchObject({ name: 'AuthWeakPasswordError', reasons: ['length'] });
  });

  it('is refused where a project has it disabled', async () => {
    for (const { error } of [await closed.newClient().auth.signUp({ email: 'b@ruwad.example', password: PASSWORD }), await closed.newClient().auth.signInAnonymously()]) {
      expect(error).toMatchObject({ status: 422, code: 'signup_disabled', message: 'Signups not allowed for this instance' });
    }
  });

  it('fails as in Supabase when a trigger fails, keeps nothing, and tells the log the SQLSTATE', async () => {
    await db.exec(`create function public.no_more() returns trigger language plpgsql security definer as $$ begin raise exception 'the house is full'; end $$;
      create trigger no_more after insert on auth.users for each row execute function public.no_more()`);
    const { error } = await server.newClient().auth.signUp({ email: 'full@ruwad.example', password: PASSWORD });
    await db.exec('drop function public.no_more cascade');
    expect([error?.status, error?.message]).toEqual([500, 'Database error saving new user']);
    expect(await db.query(`select 1 from auth.users where email = 'full@ruwad.example'`)).toEqual([]);
    expect(server.log.join('\n')).toContain('SQLSTATE P0001');
  });

  it('runs triggers as the role of Auth, so that a function without rights fails here as it does there', async () => {
    await db.exec(`create table public.welcomes (who text);
      create function public.welcome() returns trigger language plpgsql as $$ begin insert into public.welcomes values (current_user); return new; end $$;
      create trigger welcome after insert on auth.users for each row execute function public.welcome()`);
    const refused = await server.newClient().auth.signUp({ email: 'role@ruwad.example', password: PASSWORD });
    await db.exec('alter function public.welcome() security definer');
    const taken = await server.newClient().auth.signUp({ email: 'role@ruwad.example', password: PASSWORD });
    await db.exec('drop function public.welcome cascade');
    expect(refused.error?.status).toBe(500);
    expect(taken.error).toBeNull();
  });
});

describe('signing in anonymously', () => {
  it('is disabled, as in a new project', async () => {
    const { error } = await server.newClient().auth.signInAnonymously();
    expect(error).toMatchObject({ status: 422, code: 'anonymous_provider_disabled', message: 'Anonymous sign-ins are disabled' });
  });

  it('makes an account without an address where it is enabled', async () => {
    const { data, error } = await anonymous.newClient().auth.signInAnonymously({ options: { data: { theme: 'dark' } } });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ is_anonymous: true, email: '', app_metadata: {}, user_metadata: { theme: 'dark' }, identities: [] });
    expect(await claimsOf(data.session?.access_token)).toMatchObject({ role: 'authenticated', is_anonymous: true, amr: [{ method: 'anonymous' }] });
    expect(await userRow(data.user?.id)).toMatchObject({ email: null, is_anonymous: true, has_password: false });
  });

  it('keeps saying how the session began after a refresh', async () => {
    const client = anonymous.newClient();
    await client.auth.signInAnonymously();
    const { data } = await client.auth.refreshSession();
    expect(await claimsOf(data.session?.access_token)).toMatchObject({ is_anonymous: true, amr: [{ method: 'anonymous' }] });
  });

  it('lets the account become permanent by an address and a password', async () => {
    const client = anonymous.newClient();
    const { data: first } = await client.auth.signInAnonymously();
    expect((await client.auth.updateUser({ password: PASSWORD })).error).toMatchObject({ status: 422, code: 'validation_failed' });
    const { data, error } = await client.auth.updateUser({ email: 'permanent@ruwad.example', password: PASSWORD });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ id: first.user?.id, email: 'permanent@ruwad.example', is_anonymous: false, app_metadata: { provider: 'email' }, identities: [{ provider: 'email' }] });
    expect((await anonymous.newClient().auth.signInWithPassword({ email: 'permanent@ruwad.example', password: PASSWORD })).data.user?.id).toBe(first.user?.id);
  });
});

describe('changing an address', () => {
  it('needs mail, which is not sent; another account\'s address is refused for that', async () => {
    const client = server.newClient();
    await client.auth.signUp({ email: 'mover@ruwad.example', password: PASSWORD });
    expect((await client.auth.updateUser({ email: 'sara@ruwad.example' })).error).toMatchObject({ status: 422, code: 'email_exists', message: 'A user with this email address has already been registered' });
    expect((await client.auth.updateUser({ email: 'elsewhere@ruwad.example' })).error).toMatchObject({ code: 'email_provider_disabled' });
    expect((await client.auth.updateUser({ email: 'mover@ruwad.example', data: { moved: false } })).data.user?.user_metadata).toMatchObject({ moved: false });
  });
});

describe('what a project without mail, telephone and providers refuses', () => {
  it.each([
    ['a password reset', () => server.newClient().auth.resetPasswordForEmail('sara@ruwad.example'), 400, 'email_provider_disabled'],
    ['a magic link', () => server.newClient().auth.signInWithOtp({ email: 'sara@ruwad.example' }), 400, 'email_provider_disabled'],
    ['a code by telephone', () => server.newClient().auth.signInWithOtp({ phone: '966500000000' }), 400, 'phone_provider_disabled'],
    ['another confirmation mail', () => server.newClient().auth.resend({ type: 'signup', email: 'sara@ruwad.example' }), 400, 'email_provider_disabled'],
    ['a code that was never sent', () => server.newClient().auth.verifyOtp({ email: 'sara@ruwad.example', token: '123456', type: 'email' }), 403, 'otp_expired'],
    ['a password with a telephone number', () => server.newClient().auth.signInWithPassword({ phone: '966500000000', password: PASSWORD }), 422, 'phone_provider_disabled'],
    ['an identity token', () => server.newClient().auth.signInWithIdToken({ provider: 'google', token: 'x' }), 400, 'provider_disabled'],
    ['single sign-on', () => server.newClient().auth.signInWithSSO({ domain: 'ruwad.example' }), 404, 'saml_provider_disabled'],
    ['an invitation', () => server.service.auth.admin.inviteUserByEmail('new@ruwad.example'), 400, 'email_provider_disabled'],
  ])('%s', async (_what, ask, status, code) => {
    expect((await ask()).error).toMatchObject({ status, code });
  });

  it('the redirect to a provider', async () => {
    const response = await server.call('/authorize?provider=github', { headers: { 'x-supabase-api-version': '2024-01-01' } });
    expect([response.status, await response.json()]).toEqual([400, { code: 'validation_failed', message: 'Unsupported provider: provider is not enabled' }]);
  });

  it('the code of a redirect that did not happen', async () => {
    expect((await server.call('/token?grant_type=pkce', { method: 'POST', body: '{}' })).status).toBe(400);
    const response = await server.call('/token?grant_type=pkce', { method: 'POST', body: JSON.stringify({ auth_code: 'x', code_verifier: 'y' }) });
    expect([response.status, await response.json()]).toMatchObject([404, { error_code: 'flow_state_not_found' }]);
  });

  it('a second factor and another identity, to those who are signed in', async () => {
    const client = server.newClient();
    await client.auth.signUp({ email: 'factor@ruwad.example', password: PASSWORD });
    expect((await client.auth.mfa.enroll({ factorType: 'totp' })).error).toMatchObject({ status: 422, code: 'mfa_totp_enroll_not_enabled' });
    expect((await client.auth.mfa.listFactors()).data).toMatchObject({ all: [], totp: [] });
    expect((await client.auth.linkIdentity({ provider: 'github' })).error).toMatchObject({ status: 404, code: 'manual_linking_disabled' });
    expect((await server.call('/factors', { method: 'POST', body: '{}' })).status).toBe(401);
  });
});
