import { Hono, type Context } from 'hono';
import { tokenResponse } from './accessToken.ts';
import { changeAccount, createAccount, type NewAccount } from './accounts.ts';
import { AuthError } from './authError.ts';
import { signedIn } from './bearer.ts';
import { bodyObject, optionalObject, optionalText, requiredText } from './body.ts';
import { isoNow, type AuthContext } from './context.ts';
import { checkedEmail, checkedHash } from './credentials.ts';
import { endSessions, openSession, rotateSession, type AuthMethod, type Session, type SignOutScope } from './sessions.ts';
import { authTransaction } from './transaction.ts';
import { findUserByEmail, userByPassword, type AuthUser } from './users.ts';

/** How sessions begin, go on and end: sign-up, sign-in, refresh, sign-out. */
export function signInRoutes(context: AuthContext): Hono {
  const app = new Hono();
  app.post('/signup', async (c) => c.json(await tokenResponse(c, await signUp(c, context), context)));
  app.post('/token', async (c) => {
    const session = await grantSession(c.req.query('grant_type'), await bodyObject(c), context);
    return c.json(await tokenResponse(c, session, context));
  });
  app.post('/logout', async (c) => {
    const scope = c.req.query('scope') ?? 'global';
    if (!isScope(scope)) throw new AuthError(400, 'validation_failed', `Unsupported logout scope "${scope}"`);
    const { user, sessionId } = await signedIn(c, context);
    await endSessions(context.db, user.id, sessionId, scope);
    return c.body(null, 204);
  });
  return app;
}

/** A sign-up with neither address nor number is an anonymous sign-in. */
async function signUp(c: Context, context: AuthContext): Promise<Session> {
  const { db, settings } = context;
  const body = await bodyObject(c);
  const [email, phone, userMetadata] = [optionalText(body, 'email') ?? '', optionalText(body, 'phone') ?? '', optionalObject(body, 'data') ?? {}];
  if (email === '' && phone === '' && !settings.anonymousSignIns) throw new AuthError(422, 'anonymous_provider_disabled', 'Anonymous sign-ins are disabled');
  if (!settings.signUps) throw new AuthError(422, 'signup_disabled', 'Signups not allowed for this instance');
  const nobody = { email: null, phone: null, passwordHash: null, emailConfirmed: false, phoneConfirmed: false, userMetadata };
  if (email === '' && phone === '') return openAccount(context, { ...nobody, isAnonymous: true }, 'anonymous');

  const password = optionalText(body, 'password') ?? '';
  if (password === '') throw new AuthError(400, 'validation_failed', 'Signup requires a valid password');
  const passwordHash = await checkedHash(db, password);
  if (email === '') throw new AuthError(400, 'phone_provider_disabled', 'Phone signups are disabled');
  if (phone !== '') throw new AuthError(400, 'validation_failed', 'Only an email address or phone number should be provided on signup.');
  const address = checkedEmail(email);
  const existing = await findUserByEmail(db, address);
  if (existing?.email_confirmed_at !== undefined) throw new AuthError(422, 'user_already_exists', 'User already registered');
  if (existing !== undefined) return confirmAccount(context, existing);
  return openAccount(context, { ...nobody, email: address, passwordHash, emailConfirmed: true, describesAddress: true }, 'password');
}

function openAccount(context: AuthContext, account: NewAccount, method: AuthMethod): Promise<Session> {
  const failure = method === 'anonymous' ? 'Database error creating anonymous user' : 'Database error saving new user';
  return authTransaction(context.db, failure, async (tx) => {
    const id = await createAccount(tx, account, isoNow(context));
    return openSession(tx, id, method, context.now());
  });
}

/** An account that never confirmed its address is confirmed by signing up again, with the password it has. */
function confirmAccount(context: AuthContext, user: AuthUser): Promise<Session> {
  return authTransaction(context.db, 'Database error updating user', async (tx) => {
    await changeAccount(tx, user, { emailConfirmed: true }, isoNow(context));
    return openSession(tx, user.id, 'password', context.now());
  });
}

async function grantSession(grant: string | undefined, body: Record<string, unknown>, context: AuthContext): Promise<Session> {
  const { db, now } = context;
  switch (grant) {
    case 'password':
      return passwordSession(body, context);
    case 'refresh_token':
      return rotateSession(db, requiredText(body, 'refresh_token'), now());
    case 'pkce':
      if ((optionalText(body, 'auth_code') ?? '') === '' || (optionalText(body, 'code_verifier') ?? '') === '') {
        throw new AuthError(400, 'validation_failed', 'invalid request: both auth code and code verifier should be non-empty');
      }
      throw new AuthError(404, 'flow_state_not_found', 'invalid flow state, no valid flow state found');
    case 'id_token':
      throw new AuthError(400, 'provider_disabled', 'Provider is not enabled');
    case 'web3':
      throw new AuthError(422, 'web3_provider_disabled', 'Web3 provider is disabled');
    default:
      throw new AuthError(400, 'invalid_credentials', 'unsupported_grant_type');
  }
}

async function passwordSession(body: Record<string, unknown>, context: AuthContext): Promise<Session> {
  const { db, now } = context;
  const [email, phone] = [optionalText(body, 'email') ?? '', optionalText(body, 'phone') ?? ''];
  if (email === '' && phone === '') throw new AuthError(400, 'validation_failed', 'missing email or phone');
  if (email !== '' && phone !== '') throw new AuthError(400, 'validation_failed', 'Only an email address or phone number should be provided on login.');
  if (email === '') throw new AuthError(422, 'phone_provider_disabled', 'Phone logins are disabled');
  const userId = await userByPassword(db, email, optionalText(body, 'password') ?? '', isoNow(context));
  return authTransaction(db, 'Database error granting user', (tx) => openSession(tx, userId, 'password', now()));
}

function isScope(scope: string): scope is SignOutScope {
  return scope === 'global' || scope === 'local' || scope === 'others';
}
