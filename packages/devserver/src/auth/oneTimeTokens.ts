import { createHash, randomInt, randomUUID } from 'node:crypto';
import type { Tx } from '../database/database.ts';

/** What a link is for. */
export type LinkType = (typeof LINK_TYPES)[number];
export const LINK_TYPES = ['signup', 'invite', 'magiclink', 'recovery'] as const;

/** How a token is verified: as the link it was made for, or as any that shows who has the address. */
export type VerificationType = LinkType | 'email';

/** The lifetime of a link or code: GoTrue's default. */
const LIFETIME_MS = 3_600_000;

/** GoTrue keeps a magic link and a recovery in the same place: both show who has the address. */
const KINDS: Readonly<Record<VerificationType, readonly string[]>> = {
  signup: ['confirmation_token'],
  invite: ['confirmation_token'],
  magiclink: ['recovery_token'],
  recovery: ['recovery_token'],
  email: ['confirmation_token', 'recovery_token'],
};

/** The hash by which a code is found; links carry the hash itself. */
export function tokenHash(email: string, code: string): string {
  return createHash('sha224').update(email + code).digest('hex');
}

/** Makes a code of six digits for an address and keeps its hash, in the place of an earlier one. */
export async function issueToken(tx: Tx, { userId, email, type, at }: { userId: string; email: string; type: LinkType; at: string }): Promise<{ code: string; hash: string }> {
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const hash = tokenHash(email, code);
  const [kind] = KINDS[type];
  await tx.query('delete from auth.one_time_tokens where user_id = $1 and token_type::text = $2', [userId, kind]);
  await tx.query(
    `insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
     values ($1, $2, $3::text::auth.one_time_token_type, $4, $5, $6::timestamptz, $6::timestamptz)`,
    [randomUUID(), userId, kind, hash, email, at],
  );
  return { code, hash };
}

/** Spends a token; the user it was made for, or undefined when there is none (any more). */
export async function redeemToken(tx: Tx, { hash, type, nowMs }: { hash: string; type: VerificationType; nowMs: number }): Promise<string | undefined> {
  const [token] = await tx.query<{ user_id: string }>(
    'delete from auth.one_time_tokens where token_hash = $1 and token_type::text = any ($2::text[]) and created_at > $3::timestamptz returning user_id',
    [hash, `{${KINDS[type].join(',')}}`, new Date(nowMs - LIFETIME_MS).toISOString()],
  );
  return token?.user_id;
}
