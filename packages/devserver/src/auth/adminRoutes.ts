import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { changeAccount, createAccount, deleteAccount } from './accounts.ts';
import { AuthError } from './authError.ts';
import { assertAdmin, isUuid } from './bearer.ts';
import { bodyObject, optionalFlag, optionalObject, optionalText } from './body.ts';
import { isoNow, type AuthContext } from './context.ts';
import { bannedUntil, checkedEmail, checkedHash, checkedPhone, unknownHash } from './credentials.ts';
import { endSessions } from './sessions.ts';
import { authTransaction } from './transaction.ts';
import { BCRYPT_HASH, findUser, isTaken, listUsers, type AuthUser } from './users.ts';

const DEFAULT_PER_PAGE = 50;

/** `auth.admin`: every account, to those who have the service key. */
export function adminRoutes(context: AuthContext): Hono {
  const { db } = context;
  const app = new Hono();
  const onlyAdmin: MiddlewareHandler = async (c, next) => {
    await assertAdmin(c, context);
    await next();
  };
  app.use('/admin/*', onlyAdmin);
  app.get('/admin/users', async (c) => {
    const [page, perPage] = [pageNumber(c, 'page', 1), pageNumber(c, 'per_page', DEFAULT_PER_PAGE)];
    const { users, total } = await listUsers(db, { page, perPage });
    sendPageHeaders(c, { page, perPage, total });
    return c.json({ users, aud: 'authenticated' });
  });
  app.post('/admin/users', async (c) => c.json(await createUser(await bodyObject(c), context)));
  app.get('/admin/users/:id', async (c) => c.json(await namedUser(c, context)));
  app.put('/admin/users/:id', async (c) => c.json(await updateUser(await namedUser(c, context), await bodyObject(c), context)));
  app.delete('/admin/users/:id', async (c) => {
    const { id } = await namedUser(c, context);
    const softly = optionalFlag(await bodyObject(c).catch(() => ({})), 'should_soft_delete');
    await authTransaction(db, 'Database error deleting user', (tx) => deleteAccount(tx, id, { softly, at: isoNow(context) }));
    return c.json({});
  });
  return app;
}

/** @throws AuthError 404 `user_not_found`, `validation_failed` */
async function namedUser(c: Context, { db }: AuthContext): Promise<AuthUser> {
  const id = c.req.param('id') ?? '';
  if (!isUuid(id)) throw new AuthError(404, 'validation_failed', 'user_id must be an UUID');
  const user = await findUser(db, id);
  if (user === undefined) throw new AuthError(404, 'user_not_found', 'User not found');
  return user;
}

async function createUser(body: Record<string, unknown>, context: AuthContext): Promise<AuthUser | undefined> {
  const { db, now } = context;
  const { email, phone } = await freeAddresses(body, null, context);
  if (email === undefined && phone === undefined) throw invalid('Cannot create a user without either an email or phone');
  const id = optionalText(body, 'id');
  if (id !== undefined && !isUuid(id)) throw invalid('ID must conform to the uuid v4 format');
  const account = {
    id,
    email: email ?? null,
    phone: phone ?? null,
    emailConfirmed: optionalFlag(body, 'email_confirm'),
    phoneConfirmed: optionalFlag(body, 'phone_confirm'),
    passwordHash: await givenHash(body, context),
    appMetadata: optionalObject(body, 'app_metadata') ?? {},
    userMetadata: optionalObject(body, 'user_metadata') ?? {},
    role: optionalText(body, 'role') ?? 'authenticated',
    bannedUntil: bannedUntil(optionalText(body, 'ban_duration'), now()),
  };
  return authTransaction(db, 'Database error creating new user', async (tx) => findUser(tx, await createAccount(tx, account, isoNow(context))));
}

/** A password, a bcrypt hash from elsewhere, or a password nobody knows. */
async function givenHash(body: Record<string, unknown>, { db }: AuthContext): Promise<string> {
  const [password, hash] = [optionalText(body, 'password') ?? '', optionalText(body, 'password_hash') ?? ''];
  if (password !== '' && hash !== '') throw invalid('Only a password or a password hash should be provided');
  if (hash !== '' && !BCRYPT_HASH.test(hash)) throw invalid('The dev server takes bcrypt hashes of passwords only');
  if (hash !== '') return hash;
  return password === '' ? unknownHash(db) : checkedHash(db, password);
}

async function updateUser(user: AuthUser, body: Record<string, unknown>, context: AuthContext): Promise<AuthUser | undefined> {
  const { db, now } = context;
  const password = optionalText(body, 'password');
  const changes = {
    ...(await freeAddresses(body, user.id, context)),
    emailConfirmed: optionalFlag(body, 'email_confirm'),
    phoneConfirmed: optionalFlag(body, 'phone_confirm'),
    passwordHash: password === undefined ? undefined : await checkedHash(db, password),
    appMetadata: optionalObject(body, 'app_metadata'),
    userMetadata: optionalObject(body, 'user_metadata'),
    role: optionalText(body, 'role'),
    bannedUntil: bannedUntil(optionalText(body, 'ban_duration'), now()),
  };
  return authTransaction(db, 'Error updating user', async (tx) => {
    await changeAccount(tx, user, changes, isoNow(context));
    if (password !== undefined) await endSessions(tx, user.id, undefined, 'global');
    return findUser(tx, user.id);
  });
}

/** The address and number of a request, checked, and had by nobody else. */
async function freeAddresses(body: Record<string, unknown>, ownId: string | null, { db }: AuthContext): Promise<{ email?: string; phone?: string }> {
  const [email, phone] = [optionalText(body, 'email') ?? '', optionalText(body, 'phone') ?? ''];
  const found = { ...(email !== '' && { email: checkedEmail(email) }), ...(phone !== '' && { phone: checkedPhone(phone) }) };
  if (found.email !== undefined && (await isTaken(db, 'email', found.email, ownId))) {
    throw new AuthError(422, 'email_exists', 'A user with this email address has already been registered');
  }
  if (found.phone !== undefined && (await isTaken(db, 'phone', found.phone, ownId))) {
    throw new AuthError(422, 'phone_exists', 'Phone number already registered by another user');
  }
  return found;
}

function pageNumber(c: Context, name: string, otherwise: number): number {
  const text = c.req.query(name) ?? '';
  if (text === '') return otherwise;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number === 0) throw invalid(`Bad Pagination Parameters: ${name} must be a whole number above zero`);
  return number;
}

/** `Link` to the next and last page, which supabase-js reads the page out of, and `X-Total-Count`. */
function sendPageHeaders(c: Context, { page, perPage, total }: { page: number; perPage: number; total: number }): void {
  const last = Math.ceil(total / perPage);
  const link = (to: number, rel: string) => `</admin/users?page=${to}&per_page=${perPage}>; rel="${rel}"`;
  c.header('Link', [...(page < last ? [link(page + 1, 'next')] : []), link(last, 'last')].join(', '));
  c.header('X-Total-Count', String(total));
}

function invalid(message: string): AuthError {
  return new AuthError(400, 'validation_failed', message);
}
