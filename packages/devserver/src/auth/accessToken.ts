import type { Context } from 'hono';
import { AuthError } from './authError.ts';
import type { AuthContext } from './context.ts';
import type { Session } from './sessions.ts';
import { findUser } from './users.ts';

/** What a client gets for a session: an access token with GoTrue's claims, the refresh token, and the user. */
export async function tokenResponse(c: Context, session: Session, { db, tokens, now, accessTokenLifetimeS }: AuthContext): Promise<Record<string, unknown>> {
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
    amr: [{ method: session.method, timestamp: session.authenticatedAtS }],
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
