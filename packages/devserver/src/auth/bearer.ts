import type { Context } from 'hono';
import type { VerifiedToken } from '../tokens/index.ts';
import { AuthError, badToken } from './authError.ts';
import type { AuthContext } from './context.ts';
import { sessionExists } from './sessions.ts';
import { findUser, type AuthUser } from './users.ts';

const ADMIN_ROLES: ReadonlySet<string> = new Set(['service_role', 'supabase_admin']);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text is a UUID, as ids of users are. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * The user of the bearer token, whose session must still be open. Tokens without a session (signed by hand) are taken.
 * @throws AuthError `no_authorization`, `bad_jwt`, `session_not_found`, `user_not_found`
 */
export async function signedIn(c: Context, { db, tokens }: AuthContext): Promise<{ user: AuthUser; sessionId: string | undefined }> {
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

/** Lets the service key pass. @throws AuthError `no_authorization`, `bad_jwt`, `not_admin` */
export async function assertAdmin(c: Context, { tokens }: AuthContext): Promise<void> {
  const checked = await tokens.verify(bearerToken(c));
  if (!checked.ok) throw badToken(checked.failure);
  if (!ADMIN_ROLES.has(checked.token.role)) throw new AuthError(403, 'not_admin', 'User not allowed');
}

function bearerToken(c: Context): string | undefined {
  return /^bearer\s+(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
}

function subject({ claims }: VerifiedToken): { userId: string; sessionId: string | undefined } {
  const { sub, session_id: sessionId } = claims;
  if (typeof sub !== 'string' || sub === '') throw new AuthError(403, 'bad_jwt', 'invalid claim: missing sub claim');
  if (!isUuid(sub)) throw new AuthError(403, 'bad_jwt', 'invalid claim: sub claim must be a UUID');
  return { userId: sub, sessionId: typeof sessionId === 'string' ? sessionId : undefined };
}
