import { randomUUID } from 'node:crypto';
import type { Tx } from '../database/database.ts';
import type { AuthUser } from './users.ts';

type Metadata = Readonly<Record<string, unknown>>;

/** An account to make. */
export interface NewAccount {
  /** @defaultValue a new one */
  id?: string | undefined;
  email: string | null;
  phone: string | null;
  passwordHash: string | null;
  emailConfirmed: boolean;
  phoneConfirmed: boolean;
  isAnonymous?: boolean;
  /** Laid over `provider` and `providers`. */
  appMetadata?: Metadata;
  userMetadata?: Metadata;
  /** Whether the metadata tell the address too, as those of people who signed up do. */
  describesAddress?: boolean;
  role?: string;
  aud?: string;
  bannedUntil?: string | null | undefined;
}

/** What changes of an account; what is undefined stays. Of metadata, null removes a key. */
export interface AccountChanges {
  email?: string | undefined;
  emailConfirmed?: boolean;
  phone?: string | undefined;
  phoneConfirmed?: boolean;
  passwordHash?: string | undefined;
  role?: string | undefined;
  userMetadata?: Metadata | undefined;
  appMetadata?: Metadata | undefined;
  bannedUntil?: string | null | undefined;
}

/**
 * Makes an account with its identities, in GoTrue's order: inserted unconfirmed and confirmed afterwards, so that triggers
 * of `auth.users` see what they see in a project.
 * @returns its id
 */
export async function createAccount(tx: Tx, account: NewAccount, at: string): Promise<string> {
  const { id = randomUUID(), email, phone, aud = 'authenticated', role = 'authenticated' } = account;
  const providers = [...(email === null ? [] : ['email']), ...(phone === null ? [] : ['phone'])];
  const app = { ...(providers[0] && { provider: providers[0], providers }), ...account.appMetadata };
  const about = account.describesAddress === true && email !== null ? addressData(id, { email }) : {};
  await tx.query(
    `insert into auth.users (instance_id, id, aud, role, email, phone, encrypted_password, raw_app_meta_data, raw_user_meta_data,
       is_anonymous, banned_until, confirmation_token, recovery_token, email_change_token_new, email_change, created_at, updated_at)
     values ('00000000-0000-0000-0000-000000000000', $1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9, $10::timestamptz, '', '', '', '', $11::timestamptz, $11::timestamptz)`,
    [id, aud, role, email, phone, account.passwordHash, JSON.stringify(app), JSON.stringify({ ...about, ...account.userMetadata }), account.isAnonymous ?? false, account.bannedUntil ?? null, at],
  );
  if (email !== null) await addIdentity(tx, id, { email }, at);
  if (phone !== null) await addIdentity(tx, id, { phone }, at);
  if (account.emailConfirmed) await confirmEmail(tx, id, at);
  if (account.phoneConfirmed) await confirmPhone(tx, id, at);
  return id;
}

/** Changes an account. A new address or number keeps whether it is confirmed, unless the change confirms it. */
export async function changeAccount(tx: Tx, user: AuthUser, changes: AccountChanges, at: string): Promise<void> {
  const { email, phone, bannedUntil } = changes;
  const isPermanent = (email !== undefined && changes.emailConfirmed === true) || (phone !== undefined && changes.phoneConfirmed === true);
  await tx.query(
    `update auth.users set
       email = coalesce($2, email), phone = coalesce($3, phone), encrypted_password = coalesce($4, encrypted_password), role = coalesce($5, role),
       raw_user_meta_data = $6::jsonb, raw_app_meta_data = $7::jsonb, is_anonymous = is_anonymous and not $8,
       banned_until = case when $9 then $10::timestamptz else banned_until end, updated_at = $11::timestamptz
     where id = $1`,
    [
      user.id, email ?? null, phone ?? null, changes.passwordHash ?? null, changes.role ?? null,
      JSON.stringify(merged(user.user_metadata, changes.userMetadata)), JSON.stringify(merged(user.app_metadata, changes.appMetadata)),
      isPermanent, bannedUntil !== undefined, bannedUntil ?? null, at,
    ],
  );
  if (email !== undefined) await setIdentity(tx, user.id, { email }, at);
  if (phone !== undefined) await setIdentity(tx, user.id, { phone }, at);
  if (changes.emailConfirmed === true && user.email_confirmed_at === undefined) await confirmEmail(tx, user.id, at);
  if (changes.phoneConfirmed === true) await confirmPhone(tx, user.id, at);
}

/** Deletes an account with its sessions and identities, or, softly, everything but its row. */
export async function deleteAccount(tx: Tx, id: string, { softly, at }: { softly: boolean; at: string }): Promise<void> {
  if (!softly) {
    await tx.query('delete from auth.users where id = $1', [id]);
    return;
  }
  // What was unique is replaced by its hash, so that the address is free and cannot be read.
  await tx.query(
    `update auth.users set email = md5(email || id::text), phone = md5(phone || id::text), encrypted_password = null,
       raw_user_meta_data = '{}', raw_app_meta_data = '{}', deleted_at = $2::timestamptz, updated_at = $2::timestamptz
     where id = $1`,
    [id, at],
  );
  await tx.query(`update auth.identities set provider_id = md5(provider_id || id::text), identity_data = '{}', updated_at = $2::timestamptz where user_id = $1`, [id, at]);
  await tx.query('delete from auth.sessions where user_id = $1', [id]);
}

type Address = { readonly email: string } | { readonly phone: string };

function addressData(id: string, address: Address): Metadata {
  return { sub: id, ...address, email_verified: false, phone_verified: false };
}

function providerOf(address: Address): 'email' | 'phone' {
  return 'email' in address ? 'email' : 'phone';
}

async function addIdentity(tx: Tx, userId: string, address: Address, at: string): Promise<void> {
  await tx.query(
    `insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
     values ($1::uuid::text, $1::uuid, $2::jsonb, $3, $4::timestamptz, $4::timestamptz, $4::timestamptz)`,
    [userId, JSON.stringify(addressData(userId, address)), providerOf(address), at],
  );
}

async function setIdentity(tx: Tx, userId: string, address: Address, at: string): Promise<void> {
  const { affectedRows } = await tx.run(
    'update auth.identities set identity_data = identity_data || $3::jsonb, updated_at = $4::timestamptz where user_id = $1 and provider = $2',
    [userId, providerOf(address), JSON.stringify(address), at],
  );
  if (affectedRows > 0) return;
  await addIdentity(tx, userId, address, at);
  await tx.query(
    `update auth.users set raw_app_meta_data = jsonb_build_object('provider', $2::text) || coalesce(raw_app_meta_data, '{}')
       || jsonb_build_object('providers', coalesce(raw_app_meta_data -> 'providers', '[]') || to_jsonb($2::text))
     where id = $1`,
    [userId, providerOf(address)],
  );
}

async function confirmEmail(tx: Tx, id: string, at: string): Promise<void> {
  await tx.query(
    `update auth.users set email_confirmed_at = coalesce(email_confirmed_at, $2::timestamptz), confirmation_token = '',
       raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || '{"email_verified": true}'
     where id = $1`,
    [id, at],
  );
}

async function confirmPhone(tx: Tx, id: string, at: string): Promise<void> {
  await tx.query('update auth.users set phone_confirmed_at = coalesce(phone_confirmed_at, $2::timestamptz) where id = $1', [id, at]);
}

function merged(current: Metadata, changes: Metadata | undefined): Metadata {
  return Object.fromEntries(Object.entries({ ...current, ...changes }).filter(([, value]) => value !== null));
}
