import type { Tx } from '../database/database.ts';
import { AuthError } from './authError.ts';

/** A user as the API shows it. Times are ISO 8601 in UTC. */
export interface AuthUser {
  id: string;
  aud: string;
  role: string;
  email: string;
  phone: string;
  app_metadata: Record<string, unknown>;
  user_metadata: Record<string, unknown>;
  identities: unknown[];
  is_anonymous: boolean;
  created_at: string;
  updated_at: string;
  email_confirmed_at?: string;
  confirmed_at?: string;
  phone_confirmed_at?: string;
  last_sign_in_at?: string;
  banned_until?: string;
}

/** bcrypt, by any of the names it goes by; accounts without a password have none, or an empty one. */
export const BCRYPT_HASH = /^\$2[aby]\$\d\d\$.{53}$/;

/** Whether the password `$2` is that of a row. pgcrypto knows bcrypt as `$2a$` alone; it is the same by every name. */
const PASSWORD_MATCHES = `case when encrypted_password ~ '^\\$2[aby]\\$\\d\\d\\$.{53}$'
  then '$2a$' || substr(encrypted_password, 5) = extensions.crypt($2, '$2a$' || substr(encrypted_password, 5)) else false end`;

/** The account with these credentials. The hash is compared in the database, so that it never leaves it. */
export async function userByPassword(tx: Tx, email: string, password: string, nowIso: string): Promise<string> {
  const [user] = await tx.query<{ id: string; confirmed: boolean; banned: boolean }>(
    `select id, email_confirmed_at is not null as confirmed, coalesce(banned_until > $3::timestamptz, false) as banned
     from auth.users
     where email = lower($1) and not is_sso_user and deleted_at is null
       and ${PASSWORD_MATCHES}`,
    [email, password, nowIso],
  );
  if (!user) throw new AuthError(400, 'invalid_credentials', 'Invalid login credentials');
  if (user.banned) throw new AuthError(400, 'user_banned', 'User is banned');
  if (!user.confirmed) throw new AuthError(400, 'email_not_confirmed', 'Email not confirmed');
  return user.id;
}

/** The user with this id, or undefined when there is none (any more). */
export async function findUser(tx: Tx, id: string): Promise<AuthUser | undefined> {
  const [row] = await tx.query<{ user: AuthUser }>(`${USER_SQL} where u.id = $1 and u.deleted_at is null`, [id]);
  return row?.user;
}

/** The user with this address, given as accounts keep it. */
export async function findUserByEmail(tx: Tx, email: string): Promise<AuthUser | undefined> {
  const [row] = await tx.query<{ user: AuthUser }>(`${USER_SQL} where u.email = $1 and not u.is_sso_user and u.deleted_at is null`, [email]);
  return row?.user;
}

/** Whether a password is the one an account has. */
export async function hasPassword(tx: Tx, id: string, password: string): Promise<boolean> {
  return (await tx.query(`select 1 from auth.users where id = $1 and ${PASSWORD_MATCHES}`, [id, password])).length > 0;
}

/** Whether an account other than `exceptId` has the address or number. */
export async function isTaken(tx: Tx, column: 'email' | 'phone', value: string, exceptId: string | null = null): Promise<boolean> {
  const found = `select 1 from auth.users where ${column} = $1 and not is_sso_user and id is distinct from $2::uuid`;
  return (await tx.query(found, [value, exceptId])).length > 0;
}

/** A page of all users, the newest first, and how many there are. */
export async function listUsers(tx: Tx, { page, perPage }: { page: number; perPage: number }): Promise<{ users: AuthUser[]; total: number }> {
  const [row] = await tx.query<{ total: number }>('select count(*)::int as total from auth.users where deleted_at is null');
  const users = await tx.query<{ user: AuthUser }>(
    `${USER_SQL} where u.deleted_at is null order by u.created_at desc, u.id limit $1 offset $2`,
    [perPage, (page - 1) * perPage],
  );
  return { users: users.map(({ user }) => user), total: row?.total ?? 0 };
}

/** GoTrue's time format in JSON. */
const iso = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

// Absent times are left out, as GoTrue does; nulls inside the metadata are the user's and stay. Rows made by hand, without
// audience and role, get those that every account has.
const USER_SQL = `
  select jsonb_strip_nulls(jsonb_build_object(
    'id', u.id, 'aud', coalesce(u.aud, 'authenticated'), 'role', coalesce(u.role, 'authenticated'), 'email', coalesce(u.email, ''), 'phone', coalesce(u.phone, ''),
    'is_anonymous', u.is_anonymous,
    'email_confirmed_at', ${iso('u.email_confirmed_at')}, 'confirmed_at', ${iso('u.confirmed_at')},
    'phone_confirmed_at', ${iso('u.phone_confirmed_at')}, 'banned_until', ${iso('u.banned_until')},
    'last_sign_in_at', ${iso('u.last_sign_in_at')},
    'created_at', ${iso('u.created_at')}, 'updated_at', ${iso('u.updated_at')}
  )) || jsonb_build_object(
    'app_metadata', coalesce(u.raw_app_meta_data, '{}'), 'user_metadata', coalesce(u.raw_user_meta_data, '{}'),
    'identities', coalesce((
      select jsonb_agg(jsonb_build_object(
        'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data,
        'provider', i.provider, 'email', i.email, 'last_sign_in_at', ${iso('i.last_sign_in_at')},
        'created_at', ${iso('i.created_at')}, 'updated_at', ${iso('i.updated_at')}
      ) order by i.created_at) from auth.identities i where i.user_id = u.id
    ), '[]')
  ) as user
  from auth.users u`;
