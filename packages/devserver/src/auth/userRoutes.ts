import { Hono } from 'hono';
import { changeAccount, type AccountChanges } from './accounts.ts';
import { AuthError } from './authError.ts';
import { signedIn } from './bearer.ts';
import { bodyObject, optionalObject, optionalText } from './body.ts';
import { isoNow, type AuthContext } from './context.ts';
import { checkedEmail, checkedHash } from './credentials.ts';
import { mailNotSent } from './refusedRoutes.ts';
import { endSessions } from './sessions.ts';
import { authTransaction } from './transaction.ts';
import { findUser, hasPassword, isTaken, type AuthUser } from './users.ts';

/** What people read and change of their own account. */
export function userRoutes(context: AuthContext): Hono {
  const { db } = context;
  const app = new Hono();
  app.get('/user', async (c) => c.json((await signedIn(c, context)).user));
  app.put('/user', async (c) => {
    const { user, sessionId } = await signedIn(c, context);
    const changes = await changesOf(await bodyObject(c), user, context);
    const changed = await authTransaction(db, 'Error updating user', async (tx) => {
      await changeAccount(tx, user, changes, isoNow(context));
      if (changes.passwordHash !== undefined) await endSessions(tx, user.id, sessionId, 'others');
      return findUser(tx, user.id);
    });
    return c.json(changed);
  });
  return app;
}

async function changesOf(body: Record<string, unknown>, user: AuthUser, { db }: AuthContext): Promise<AccountChanges> {
  if (optionalObject(body, 'app_metadata') !== undefined) throw new AuthError(403, 'not_admin', 'Updating app_metadata requires admin privileges');
  const phone = optionalText(body, 'phone') ?? '';
  if (phone !== '' && phone !== user.phone) throw new AuthError(422, 'sms_send_failed', 'The dev server sends no text messages');
  const email = await newEmail(optionalText(body, 'email') ?? '', user, db);
  const password = optionalText(body, 'password') ?? '';
  if (password !== '' && user.is_anonymous && email === undefined) {
    throw new AuthError(422, 'validation_failed', 'Updating password of an anonymous user without an email or phone is not allowed');
  }
  return {
    userMetadata: optionalObject(body, 'data'),
    ...(email !== undefined && { email, emailConfirmed: true }),
    ...(password !== '' && { passwordHash: await newPasswordHash(password, user, db) }),
  };
}

/** Only an anonymous account gets its address without mail: that is like signing up. */
async function newEmail(email: string, user: AuthUser, db: AuthContext['db']): Promise<string | undefined> {
  if (email === '') return undefined;
  const address = checkedEmail(email);
  if (address === user.email) return undefined;
  if (await isTaken(db, 'email', address, user.id)) throw new AuthError(422, 'email_exists', 'A user with this email address has already been registered');
  if (!user.is_anonymous) throw mailNotSent();
  return address;
}

async function newPasswordHash(password: string, user: AuthUser, db: AuthContext['db']): Promise<string> {
  const hash = await checkedHash(db, password);
  if (await hasPassword(db, user.id, password)) throw new AuthError(422, 'same_password', 'New password should be different from the old password.');
  return hash;
}
