import { Hono, type Context } from 'hono';
import { tokenResponse } from './accessToken.ts';
import { changeAccount, createAccount } from './accounts.ts';
import { AuthError } from './authError.ts';
import { assertAdmin } from './bearer.ts';
import { bodyObject, optionalObject, optionalText } from './body.ts';
import { isoNow, type AuthContext } from './context.ts';
import { checkedEmail, checkedHash, unknownHash } from './credentials.ts';
import { LINK_TYPES, issueToken, redeemToken, tokenHash, type LinkType, type VerificationType } from './oneTimeTokens.ts';
import { mailNotSent } from './refusedRoutes.ts';
import { openSession, type Session } from './sessions.ts';
import { authTransaction } from './transaction.ts';
import { findUser, findUserByEmail, type AuthUser } from './users.ts';

const INVALID_LINK = 'Email link is invalid or has expired';
const INVALID_CODE = 'Token has expired or is invalid';

/** Links and codes that sign in whoever has them. No mail is sent, so the service key makes them: `admin.generateLink`. */
export function linkRoutes(context: AuthContext): Hono {
  const app = new Hono();
  app.post('/admin/generate_link', async (c) => {
    await assertAdmin(c, context);
    return c.json(await generateLink(c, context));
  });
  app.post('/verify', async (c) => {
    const { type, hash, failure } = verification(await bodyObject(c));
    return c.json(await tokenResponse(c, await redeem(hash, type, failure, context), context));
  });
  return app;
}

/** What a browser opens from a mail, without a key: it is sent on with its session, or with what went wrong. */
export function openLinkRoutes(context: AuthContext): Hono {
  const app = new Hono();
  app.get('/verify', async (c) => {
    const type = verificationType(c.req.query('type') ?? '');
    const fragment = await redeem(c.req.query('token') ?? '', type, INVALID_LINK, context).then(
      async (session) => sessionFragment(await tokenResponse(c, session, context), type),
      (error: unknown) => errorFragment(error),
    );
    return c.redirect(`${c.req.query('redirect_to') ?? new URL(c.req.url).origin}#${new URLSearchParams(fragment).toString()}`, 303);
  });
  return app;
}

async function generateLink(c: Context, context: AuthContext): Promise<Record<string, unknown>> {
  const body = await bodyObject(c);
  const type = optionalText(body, 'type') ?? '';
  if (type.startsWith('email_change')) throw mailNotSent();
  if (!isLinkType(type)) throw invalid(`Invalid email action link type requested: ${type}`);
  const email = checkedEmail(optionalText(body, 'email') ?? '');
  const user = (await addressee(type, email, context)) ?? (await newAccount(type, email, body, context));
  const { code, hash } = await authTransaction(context.db, 'Database error creating link', (tx) => issueToken(tx, { userId: user.id, email, type, at: isoNow(context) }));
  const origin = new URL(c.req.url).origin;
  const redirectTo = c.req.query('redirect_to') ?? origin;
  const search = new URLSearchParams({ token: hash, type, redirect_to: redirectTo });
  return { ...user, action_link: `${origin}/auth/v1/verify?${search.toString()}`, email_otp: code, hashed_token: hash, redirect_to: redirectTo, verification_type: type };
}

/** The account a link is for; undefined where one is to be made. */
async function addressee(type: LinkType, email: string, { db }: AuthContext): Promise<AuthUser | undefined> {
  const user = await findUserByEmail(db, email);
  const isConfirmed = user?.email_confirmed_at !== undefined;
  if (isConfirmed && (type === 'signup' || type === 'invite')) throw new AuthError(422, 'email_exists', 'A user with this email address has already been registered');
  if (user === undefined && type === 'recovery') throw new AuthError(404, 'user_not_found', 'User with this email not found');
  return user;
}

async function newAccount(type: LinkType, email: string, body: Record<string, unknown>, context: AuthContext): Promise<AuthUser> {
  const { db } = context;
  const password = optionalText(body, 'password') ?? '';
  if (type === 'signup' && password === '') throw invalid('Signup requires a valid password');
  const passwordHash = password === '' ? await unknownHash(db) : await checkedHash(db, password);
  const account = { email, phone: null, passwordHash, emailConfirmed: false, phoneConfirmed: false, userMetadata: optionalObject(body, 'data') ?? {} };
  const user = await authTransaction(db, 'Database error saving new user', async (tx) => findUser(tx, await createAccount(tx, account, isoNow(context))));
  if (user === undefined) throw new Error('an account made in this transaction is gone');
  return user;
}

/** @throws AuthError `otp_expired`, `user_banned` */
async function redeem(hash: string, type: VerificationType, failure: string, context: AuthContext): Promise<Session> {
  const session = await authTransaction(context.db, 'Database error verifying user', async (tx) => {
    const userId = await redeemToken(tx, { hash, type, nowMs: context.now() });
    const user = userId === undefined ? undefined : await findUser(tx, userId);
    if (user === undefined) return null;
    if (user.banned_until !== undefined && Date.parse(user.banned_until) > context.now()) throw new AuthError(403, 'user_banned', 'User is banned');
    await changeAccount(tx, user, { emailConfirmed: true }, isoNow(context));
    return openSession(tx, user.id, 'otp', context.now());
  });
  if (session === null) throw new AuthError(403, 'otp_expired', failure);
  return session;
}

/** A hash alone, or an address with its code. */
function verification(body: Record<string, unknown>): { type: VerificationType; hash: string; failure: string } {
  const field = (name: string): string => optionalText(body, name) ?? '';
  const [type, token, hash, email, phone] = [field('type'), field('token'), field('token_hash'), field('email'), field('phone')];
  if (type === '') throw invalid('Verify requires a verification type');
  if ((token === '') === (hash === '')) throw invalid('Verify requires either a token or a token hash');
  if (hash !== '') {
    if (email !== '' || phone !== '') throw invalid('Only the token_hash and type should be provided');
    return { type: verificationType(type), hash, failure: INVALID_LINK };
  }
  if (phone !== '' && email === '') throw new AuthError(403, 'otp_expired', INVALID_CODE);
  if (email === '' || phone !== '') throw invalid('Only an email address or phone number should be provided on verify');
  return { type: verificationType(type), hash: tokenHash(checkedEmail(email), token), failure: INVALID_CODE };
}

function verificationType(type: string): VerificationType {
  if (type === 'email' || isLinkType(type)) return type;
  throw invalid('Unsupported verification type');
}

function isLinkType(type: string): type is LinkType {
  return LINK_TYPES.some((known) => known === type);
}

function sessionFragment(response: Record<string, unknown>, type: string): Record<string, string> {
  const told: Record<string, string> = { type };
  for (const name of ['access_token', 'expires_at', 'expires_in', 'refresh_token', 'token_type']) told[name] = String(response[name]);
  return told;
}

/** A fault of the server is no answer to a browser; it is left to whoever logs it. */
function errorFragment(error: unknown): Record<string, string> {
  if (!(error instanceof AuthError) || error.status === 500) throw error;
  return { error: 'access_denied', error_code: error.code, error_description: error.message };
}

function invalid(message: string): AuthError {
  return new AuthError(400, 'validation_failed', message);
}
