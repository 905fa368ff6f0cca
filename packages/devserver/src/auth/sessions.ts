import { randomBytes, randomUUID } from 'node:crypto';
import type { Database, Tx } from '../database/database.ts';
import { AuthError } from './authError.ts';
import { authTransaction } from './transaction.ts';

/** A signed-in device: what a token response is made of. */
export interface Session {
  id: string;
  userId: string;
  refreshToken: string;
  method: AuthMethod;
  /** When that was, in seconds since the epoch. */
  authenticatedAtS: number;
}

/** How a person showed who he is when the session began: `amr` of its tokens. */
export type AuthMethod = 'password' | 'anonymous' | 'otp';

/** Which sessions of a user a sign-out ends. */
export type SignOutScope = 'global' | 'local' | 'others';

/** How long a used refresh token may come again: GoTrue's default, for clients that race with themselves. */
const REUSE_INTERVAL_MS = 10_000;

/** Opens a session with its first refresh token, and stamps the sign-in. */
export async function openSession(tx: Tx, userId: string, method: AuthMethod, nowMs: number): Promise<Session> {
  const id = randomUUID();
  const at = new Date(nowMs).toISOString();
  await tx.query(
    `insert into auth.sessions (id, user_id, aal, created_at, updated_at) values ($1, $2, 'aal1', $3, $3)`,
    [id, userId, at],
  );
  await tx.query(
    'insert into auth.mfa_amr_claims (id, session_id, authentication_method, created_at, updated_at) values ($1, $2, $3, $4::timestamptz, $4::timestamptz)',
    [randomUUID(), id, method, at],
  );
  await tx.query('update auth.users set last_sign_in_at = $2::timestamptz where id = $1', [userId, at]);
  const refreshToken = await issueToken(tx, { sessionId: id, userId, parent: null, at });
  return { id, userId, refreshToken, method, authenticatedAtS: Math.floor(nowMs / 1000) };
}

interface StoredToken {
  revoked: boolean;
  updated_at_ms: number;
  session_id: string;
  user_id: string;
  method: AuthMethod;
  authenticated_at_s: number;
}

/**
 * Exchanges a refresh token for the next one, by GoTrue's rules. A used token that is the parent of the current one gets
 * that one again: its owner never received it. Any other used token is good for the reuse interval; after that it is
 * taken for stolen, and the whole session is revoked.
 * @throws AuthError `refresh_token_not_found`, `refresh_token_already_used`
 */
export async function rotateSession(db: Database, token: string, nowMs: number): Promise<Session> {
  // The refusal is a result, not an exception, inside the transaction: the revocation must be committed with it.
  const rotated = await authTransaction(db, 'Database error granting user', (tx) => rotate(tx, token, nowMs));
  if (rotated === 'not-found') {
    throw new AuthError(400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found');
  }
  if (rotated === 'already-used') {
    throw new AuthError(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used');
  }
  return rotated;
}

async function rotate(tx: Tx, token: string, nowMs: number): Promise<Session | 'not-found' | 'already-used'> {
  const [stored] = await tx.query<StoredToken>(TOKEN_SQL, [token]);
  if (!stored) return 'not-found';
  const at = new Date(nowMs).toISOString();
  const session = { id: stored.session_id, userId: stored.user_id, method: stored.method, authenticatedAtS: stored.authenticated_at_s };
  const active = await activeToken(tx, session.id);
  if (stored.revoked && active?.parent === token) return { ...session, refreshToken: active.token };
  if (stored.revoked && nowMs > stored.updated_at_ms + REUSE_INTERVAL_MS) {
    await revoke(tx, { sessionId: session.id }, at);
    return 'already-used';
  }
  await revoke(tx, { token }, at);
  await tx.query('update auth.sessions set refreshed_at = $2::timestamptz, updated_at = $2::timestamptz where id = $1', [session.id, at]);
  return { ...session, refreshToken: await issueToken(tx, { sessionId: session.id, userId: session.userId, parent: token, at }) };
}

/** Whether the session still exists; a token outlives its session by up to its lifetime. */
export async function sessionExists(tx: Tx, sessionId: string): Promise<boolean> {
  return (await tx.query('select 1 from auth.sessions where id::text = $1', [sessionId])).length > 0;
}

/** Ends sessions of a user; their refresh tokens go with them. */
export async function endSessions(tx: Tx, userId: string, sessionId: string | undefined, scope: SignOutScope): Promise<void> {
  await tx.query(
    `delete from auth.sessions
     where user_id = $1 and case $3 when 'local' then id::text = $2 when 'others' then id::text is distinct from $2 else true end`,
    [userId, sessionId ?? null, scope],
  );
}

async function activeToken(tx: Tx, sessionId: string): Promise<{ token: string; parent: string | null } | undefined> {
  const [active] = await tx.query<{ token: string; parent: string | null }>(
    'select token, parent from auth.refresh_tokens where session_id = $1 and not revoked order by id desc limit 1',
    [sessionId],
  );
  return active;
}

/** Revokes one token, or all of a session; a token that is revoked already keeps its time. */
async function revoke(tx: Tx, { token = null, sessionId = null }: { token?: string | null; sessionId?: string | null }, at: string): Promise<void> {
  await tx.query(
    `update auth.refresh_tokens set revoked = true, updated_at = $3::timestamptz
     where not revoked and (token = $1 or session_id = $2::uuid)`,
    [token, sessionId, at],
  );
}

async function issueToken(
  tx: Tx,
  { sessionId, userId, parent, at }: { sessionId: string; userId: string; parent: string | null; at: string },
): Promise<string> {
  const token = randomBytes(18).toString('base64url');
  await tx.query(
    `insert into auth.refresh_tokens (token, user_id, session_id, parent, revoked, created_at, updated_at)
     values ($1, $2, $3, $4, false, $5, $5)`,
    [token, userId, sessionId, parent, at],
  );
  return token;
}

const TOKEN_SQL = `
  select t.revoked, t.session_id, s.user_id,
    (extract(epoch from t.updated_at) * 1000)::float8 as updated_at_ms,
    coalesce(m.authentication_method, 'password') as method,
    floor(extract(epoch from coalesce(m.updated_at, s.created_at)))::float8 as authenticated_at_s
  from auth.refresh_tokens t
  join auth.sessions s on s.id = t.session_id
  left join auth.mfa_amr_claims m on m.session_id = s.id
  join auth.users u on u.id = s.user_id and u.deleted_at is null
  where t.token = $1`;
