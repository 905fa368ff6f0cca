import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/database.ts';
import { startAuthServer, type AuthServer } from './authServer.ts';
import { openProjectDatabase, people } from './schemaDatabase.ts';

const PASSWORD = 'correct horse';
const NOBODY = 'a0000000-0000-4000-8000-0000000000ff';

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

const admin = () => server.service.auth.admin;
const signIn = (email: string, password = PASSWORD) => server.newClient().auth.signInWithPassword({ email, password });
const create = async (email: string) => {
  const { data, error } = await admin().createUser({ email, password: PASSWORD, email_confirm: true });
  if (error) throw error;
  return data.user;
};

describe('creating users with the service key', () => {
  it('makes an account that can sign in', async () => {
    const { data, error } = await admin().createUser({ email: 'Made@Ruwad.example', password: PASSWORD, email_confirm: true, user_metadata: { name: 'Made' }, app_metadata: { plan: 'gold' } });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email: 'made@ruwad.example', role: 'authenticated', app_metadata: { provider: 'email', providers: ['email'], plan: 'gold' }, user_metadata: { name: 'Made', email_verified: true }, identities: [{ provider: 'email' }] });
    expect((await signIn('made@ruwad.example')).data.user?.id).toBe(data.user?.id);
  });

  it('leaves the address unconfirmed unless told otherwise', async () => {
    const { data } = await admin().createUser({ email: 'unconfirmed@ruwad.example', password: PASSWORD, user_metadata: { name: 'U' } });
    expect(data.user?.user_metadata).toEqual({ name: 'U' });
    expect((await signIn('unconfirmed@ruwad.example')).error).toMatchObject({ status: 400, code: 'email_not_confirmed' });
    await admin().updateUserById(data.user?.id ?? '', { email_confirm: true });
    expect((await signIn('unconfirmed@ruwad.example')).error).toBeNull();
  });

  it('takes an id, a role, a hash and a telephone number', async () => {
    const id = 'b0000000-0000-4000-8000-000000000001';
    const [{ hash } = { hash: '' }] = await db.query<{ hash: string }>(`select extensions.crypt($1, extensions.gen_salt('bf')) as hash`, [PASSWORD]);
    const { data, error } = await admin().createUser({ id, email: 'hashed@ruwad.example', phone: '966500000001', password_hash: hash, email_confirm: true, phone_confirm: true, role: 'service_role' });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ id, phone: '966500000001', role: 'service_role', app_metadata: { providers: ['email', 'phone'] } });
    expect((await signIn('hashed@ruwad.example')).data.user?.id).toBe(id);
  });

  it('takes hashes of other bcrypt libraries, and refuses what is no bcrypt', async () => {
    const [{ hash } = { hash: '' }] = await db.query<{ hash: string }>(`select extensions.crypt($1, extensions.gen_salt('bf')) as hash`, [PASSWORD]);
    await admin().createUser({ email: 'bcryptjs@ruwad.example', password_hash: hash.replace('$2a$', '$2b$'), email_confirm: true });
    expect((await signIn('bcryptjs@ruwad.example')).error).toBeNull();
    expect((await signIn('bcryptjs@ruwad.example', 'wrong')).error).toMatchObject({ code: 'invalid_credentials' });
    expect((await admin().createUser({ email: 'md5@ruwad.example', password_hash: '5f4dcc3b5aa765d61d8327deb882cf99' })).error).toMatchObject({ status: 400, code: 'validation_failed' });
  });

  it.each(['', 'not a hash'])('does not sign in an account whose stored hash is %j', async (hash) => {
    const user = await create(`hash-${hash.length}@ruwad.example`);
    await db.query('update auth.users set encrypted_password = $2 where id = $1', [user.id, hash]);
    expect((await signIn(user.email ?? '')).error).toMatchObject({ status: 400, code: 'invalid_credentials' });
  });

  it('makes a password nobody knows when none is given', async () => {
    await admin().createUser({ email: 'locked@ruwad.example', email_confirm: true });
    expect((await signIn('locked@ruwad.example', 'guess-me')).error).toMatchObject({ code: 'invalid_credentials' });
  });

  it.each([
    ['an address that is taken', { email: 'sara@ruwad.example' }, 422, 'email_exists', 'A user with this email address has already been registered'],
    ['neither address nor number', { password: PASSWORD }, 400, 'validation_failed', 'Cannot create a user without either an email or phone'],
    ['what is no address', { email: 'nonsense' }, 400, 'validation_failed', 'Unable to validate email address: invalid format'],
    ['what is no number', { phone: '+966-x' }, 400, 'validation_failed', 'Invalid phone number format (E.164 required)'],
    ['an id that is none', { email: 'c@ruwad.example', id: 'seven' }, 400, 'validation_failed', 'ID must conform to the uuid v4 format'],
    ['both a password and a hash', { email: 'c@ruwad.example', password: PASSWORD, password_hash: '$2a$x' }, 400, 'validation_failed', 'Only a password or a password hash should be provided'],
    ['a duration that is none', { email: 'c@ruwad.example', ban_duration: 'long' }, 400, 'validation_failed', 'invalid format for ban duration: time: invalid duration "long"'],
  ])('refuses %s', async (_what, attributes, status, code, message) => {
    expect((await admin().createUser(attributes)).error).toMatchObject({ status, code, message });
  });
});

describe('reading users with the service key', () => {
  it('finds one by id', async () => {
    expect((await admin().getUserById(people.sara)).data.user).toMatchObject({ id: people.sara, email: 'sara@ruwad.example' });
    expect((await admin().getUserById(NOBODY)).error).toMatchObject({ status: 404, code: 'user_not_found', message: 'User not found' });
    const response = await server.call('/admin/users/seven', { headers: { authorization: `Bearer ${await server.tokens.sign({ role: 'service_role' })}` } });
    expect([response.status, await response.json()]).toMatchObject([404, { error_code: 'validation_failed', msg: 'user_id must be an UUID' }]);
  });

  it('lists all, the newest first, page by page', async () => {
    const all = await db.query<{ id: string }>('select id from auth.users where deleted_at is null order by created_at desc, id');
    const ids: (string | undefined)[] = [];
    const { data: first, error } = await admin().listUsers({ page: 1, perPage: 4 });
    expect(error).toBeNull();
    expect(first).toMatchObject({ aud: 'authenticated', nextPage: 2, lastPage: Math.ceil(all.length / 4), total: all.length });
    for (let page = 1; page <= Math.ceil(all.length / 4); page += 1) ids.push(...(await admin().listUsers({ page, perPage: 4 })).data.users.map(({ id }) => id));
    expect(ids).toEqual(all.map(({ id }) => id));
  });

  it('refuses a page that cannot be', async () => {
    const response = await server.call('/admin/users?page=-1', { headers: { authorization: `Bearer ${await server.tokens.sign({ role: 'service_role' })}` } });
    expect([response.status, await response.json()]).toMatchObject([400, { error_code: 'validation_failed' }]);
  });
});

describe('changing users with the service key', () => {
  it('changes address, password, role and metadata; null removes a key', async () => {
    const user = await create('before@ruwad.example');
    const { data, error } = await admin().updateUserById(user.id, { email: 'after@ruwad.example', password: 'new password', user_metadata: { email_verified: null, city: 'جدة' }, app_metadata: { roles: ['editor'] } });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email: 'after@ruwad.example', user_metadata: { city: 'جدة' }, app_metadata: { provider: 'email', roles: ['editor'] }, identities: [{ identity_data: { email: 'after@ruwad.example' } }] });
    expect(data.user?.user_metadata).not.toHaveProperty('email_verified');
    expect((await signIn('after@ruwad.example', 'new password')).data.user?.id).toBe(user.id);
    expect((await signIn('before@ruwad.example')).error).toMatchObject({ code: 'invalid_credentials' });
  });

  it('ends every session of an account whose password it changes', async () => {
    const user = await create('kicked@ruwad.example');
    const { data } = await signIn('kicked@ruwad.example');
    await admin().updateUserById(user.id, { password: 'new password' });
    expect((await server.newClient().auth.getUser(data.session?.access_token)).error?.name).toBe('AuthSessionMissingError');
  });

  it('bans for a while', async () => {
    const user = await create('banned@ruwad.example');
    expect((await admin().updateUserById(user.id, { ban_duration: '1h30m' })).data.user).toHaveProperty('banned_until');
    expect((await signIn('banned@ruwad.example')).error).toMatchObject({ code: 'user_banned' });
    server.clock.aheadMs = 91 * 60_000;
    expect((await signIn('banned@ruwad.example')).error).toBeNull();
    server.clock.aheadMs = 0;
    await admin().updateUserById(user.id, { ban_duration: 'none' });
    expect((await signIn('banned@ruwad.example')).error).toBeNull();
  });

  it.each([
    ['a weak password', { password: 'tiny' }, 422, 'weak_password'],
    ['an address that is taken', { email: 'sara@ruwad.example' }, 422, 'email_exists'],
  ])('refuses %s', async (_what, attributes, status, code) => {
    expect((await admin().updateUserById(people.omar, attributes)).error).toMatchObject({ status, code });
  });

  it('signs a session out by its token', async () => {
    await create('leaver@ruwad.example');
    const { data } = await signIn('leaver@ruwad.example');
    expect((await admin().signOut(data.session?.access_token ?? '')).error).toBeNull();
    expect(await db.query('select 1 from auth.sessions where user_id = $1', [data.user?.id])).toEqual([]);
  });
});

describe('deleting users with the service key', () => {
  it('removes the account with all that is its own', async () => {
    const user = await create('gone@ruwad.example');
    await signIn('gone@ruwad.example');
    expect((await admin().deleteUser(user.id)).error).toBeNull();
    const counts = `select (select count(*)::int from auth.users where id = $1) + (select count(*)::int from auth.sessions where user_id = $1) + (select count(*)::int from auth.identities where user_id = $1) as n`;
    expect(await db.query(counts, [user.id])).toEqual([{ n: 0 }]);
    expect((await admin().deleteUser(user.id)).error).toMatchObject({ status: 404, code: 'user_not_found' });
  });

  it('keeps a row without its data when asked to, and frees the address', async () => {
    const user = await create('soft@ruwad.example');
    expect((await admin().deleteUser(user.id, true)).error).toBeNull();
    const [row] = await db.query('select deleted_at is not null as deleted, email, raw_user_meta_data as data from auth.users where id = $1', [user.id]);
    expect(row).toMatchObject({ deleted: true, data: {} });
    expect(row?.['email']).not.toContain('soft');
    expect((await signIn('soft@ruwad.example')).error).toMatchObject({ code: 'invalid_credentials' });
    expect((await server.newClient().auth.signUp({ email: 'soft@ruwad.example', password: PASSWORD })).error).toBeNull();
  });

  it('fails where rows of others point at the account', async () => {
    const user = await create('pinned@ruwad.example');
    await db.exec(`create table public.pins (who uuid references auth.users); insert into public.pins values ('${user.id}')`);
    const { error } = await admin().deleteUser(user.id);
    expect([error?.status, error?.message]).toEqual([500, 'Database error deleting user']);
    await db.exec('drop table public.pins');
  });
});

describe('who may', () => {
  it('nobody but the service key', async () => {
    const { data } = await signIn('sara@ruwad.example', 'ruwad-demo');
    const ask = async (authorization?: string) => {
      const response = await server.call('/admin/users', authorization === undefined ? {} : { headers: { authorization } });
      return [response.status, ((await response.json()) as { error_code: string }).error_code];
    };
    expect(await ask()).toEqual([401, 'no_authorization']);
    expect(await ask('Bearer garbage')).toEqual([403, 'bad_jwt']);
    expect(await ask(`Bearer ${data.session?.access_token}`)).toEqual([403, 'not_admin']);
  });
});

it('X2: leaves no address, password or token in the log', () => {
  expect(server.log.filter((line) => /@|correct horse|eyJ/.test(line))).toEqual([]);
});
