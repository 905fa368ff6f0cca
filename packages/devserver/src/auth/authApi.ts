import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Database } from '../database/database.ts';
import { messageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Tokens, VerifiedToken } from '../tokens/index.ts';
import { AuthError, badToken, sendAuthError } from './authError.ts';
import { requireApiKey } from './apiKey.ts';
import { bodyObject, optionalObject, optionalText, requiredText } from './body.ts';
import { endSessions, openSession, rotateSession, sessionExists, type Session, type SignOutScope } from './sessions.ts';
import { changeUser, findUser, userByPassword, type AuthUser } from './users.ts';

export interface AuthApiOptions {
  db: Database;
  tokens: Tokens;
  logger: Logger;
  /** Wall clock in milliseconds since the epoch. @defaultValue `Date.now` */
  now?: () => number;
  /** Lifetime of access tokens in seconds; tests of refreshing make it short. @defaultValue `3600` */
  accessTokenLifetimeS?: number;
}

/** Largest body, in bytes: credentials and a user's own data are small. */
const MAX_BODY_BYTES = 1_000_000;

/**
 * Supabase Auth (GoTrue) as far as seeded accounts need it: password sign-in, refresh with rotation, the user, sign-out.
 * Routes are relative to `/auth/v1`. Sign-up is disabled, as a project can have it; errors have GoTrue's codes and shapes.
 * Neither addresses nor tokens are logged.
 */
export function createAuthApi(options: AuthApiOptions): Hono {
  const { db, tokens, logger, now = Date.now } = options;
  const app = new Hono();
  const nowIso = () => new Date(now()).toISOString();

  app.use(requireApiKey(tokens));
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseBody }));
  app.onError((error, c) => {
    if (error instanceof AuthError) return sendAuthError(c, error);
    logger.error('auth request failed', { path: c.req.path, error: messageOf(error) });
    return sendAuthError(c, new AuthError(500, 'unexpected_failure', 'Internal Server Error'));
  });
  app.notFound((c) => sendAuthError(c, new AuthError(404, 'not_found', 'The dev server does not have this part of Auth')));

  app.get('/health', (c) => c.json({ name: 'GoTrue', version: 'ruwad-devserver', description: 'Auth of the dev server' }));
  app.get('/settings', (c) => c.json(SETTINGS));
  // HS256 has no public keys; supabase-js then asks the server instead of verifying itself.
  app.get('/.well-known/jwks.json', (c) => c.json({ keys: [] }));
  app.post('/signup', () => {
    throw new AuthError(422, 'signup_disabled', 'Signups not allowed for this instance');
  });

  app.post('/token', async (c) => {
    const body = await bodyObject(c);
    const session = await grantSession(c.req.query('grant_type'), body, options);
    return c.json(await tokenResponse(c, session, options));
  });

  app.get('/user', async (c) => c.json((await signedIn(c, options)).user));

  app.put('/user', async (c) => {
    const { user, sessionId } = await signedIn(c, options);
    const body = await bodyObject(c);
    if (body['email'] !== undefined || body['phone'] !== undefined) {
      throw new AuthError(422, 'validation_failed', 'The dev server does not change addresses');
    }
    const data = optionalObject(body, 'data');
    const password = optionalText(body, 'password');
    return c.json(
      await db.transaction(async (tx) => {
        await changeUser(tx, user, { ...(data && { data }), ...(password !== undefined && { password }) }, nowIso());
        if (password !== undefined) await endSessions(tx, user.id, sessionId, 'others');
        return findUser(tx, user.id);
      }),
    );
  });

  app.post('/logout', async (c) => {
    const scope = c.req.query('scope') ?? 'global';
    if (!isScope(scope)) throw new AuthError(400, 'validation_failed', `Unsupported logout scope "${scope}"`);
    const { user, sessionId } = await signedIn(c, options);
    await endSessions(db, user.id, sessionId, scope);
    return c.body(null, 204);
  });

  return app;
}

async function grantSession(grant: string | undefined, body: Record<string, unknown>, { db, now = Date.now }: AuthApiOptions): Promise<Session> {
  if (grant === 'refresh_token') return rotateSession(db, requiredText(body, 'refresh_token'), now());
  if (grant !== 'password') throw new AuthError(400, 'invalid_credentials', 'unsupported_grant_type');
  const email = requiredText(body, 'email');
  const password = requiredText(body, 'password');
  return db.transaction(async (tx) => {
    const userId = await userByPassword(tx, email, password, new Date(now()).toISOString());
    return openSession(tx, userId, now());
  });
}

async function tokenResponse(c: Context, session: Session, options: AuthApiOptions): Promise<Record<string, unknown>> {
  const { db, tokens, now = Date.now, accessTokenLifetimeS = 3600 } = options;
  const user = await findUser(db, session.userId);
  if (!user) throw new AuthError(403, 'user_not_found', 'User from sub claim in JWT does not exist');
  const expiresAt = Math.floor(now() / 1000) + accessTokenLifetimeS;
  const accessToken = await tokens.sign({
    iss: `${new URL(c.req.url).origin}/auth/v1`,
    sub: user.id,
    aud: user.aud,
    exp: expiresAt,
    email: user.email,
    phone: user.phone,
    app_metadata: user.app_metadata,
    user_metadata: user.user_metadata,
    role: user.role,
    aal: 'aal1',
    amr: [{ method: 'password', timestamp: session.authenticatedAtS }],
    session_id: session.id,
    is_anonymous: user.is_anonymous,
  });
  return {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: accessTokenLifetimeS,
    expires_at: expiresAt,
    refresh_token: session.refreshToken,
    user,
  };
}

/** The user of the bearer token, whose session must still be open. Tokens without a session (signed by hand) are taken. */
async function signedIn(c: Context, { db, tokens }: AuthApiOptions): Promise<{ user: AuthUser; sessionId: string | undefined }> {
  const checked = await tokens.verify(bearerToken(c));
  if (!checked.ok) throw badToken(checked.failure);
  const { userId, sessionId } = subject(checked.token);
  if (sessionId !== undefined && !(await sessionExists(db, sessionId))) {
    throw new AuthError(403, 'session_not_found', 'Session from session_id claim in JWT does not exist');
  }
  const user = await findUser(db, userId);
  if (!user) throw new AuthError(403, 'user_not_found', 'User from sub claim in JWT does not exist');
  return { user, sessionId };
}

function bearerToken(c: Context): string | undefined {
  return /^bearer\s+(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function subject({ claims }: VerifiedToken): { userId: string; sessionId: string | undefined } {
  const { sub, session_id: sessionId } = claims;
  if (typeof sub !== 'string' || sub === '') throw new AuthError(403, 'bad_jwt', 'invalid claim: missing sub claim');
  if (!UUID.test(sub)) throw new AuthError(403, 'bad_jwt', 'invalid claim: sub claim must be a UUID');
  return { userId: sub, sessionId: typeof sessionId === 'string' ? sessionId : undefined };
}

function isScope(scope: string): scope is SignOutScope {
  return scope === 'global' || scope === 'local' || scope === 'others';
}

function refuseBody(c: Context): Response {
  // The rest of the body is not read, so the connection is of no more use; unsaid, a client would send its next request there.
  c.header('Connection', 'close');
  return sendAuthError(c, new AuthError(413, 'validation_failed', 'Request body is too large'));
}

const SETTINGS = {
  external: { anonymous_users: false, email: true, phone: false },
  disable_signup: true,
  mailer_autoconfirm: true,
  phone_autoconfirm: false,
  sms_provider: '',
  saml_enabled: false,
};
