import { randomUUID } from 'node:crypto';
import type { SupabaseClient } from '@supabase/supabase-js';
import type { Caller } from '../database/database.ts';

/** Password of test users that were given none. */
export const DEFAULT_PASSWORD = 'test-password';

/** Somebody to act as, whether there is an account or not. */
export interface Persona {
  /** User id: what `auth.uid()` is. @defaultValue none */
  id?: string;
  /** Postgres role. @defaultValue `'authenticated'` */
  role?: string;
  /** Further claims of the token, e.g. `{ app_metadata: { org: 7 } }`. */
  claims?: Record<string, unknown>;
}

/** Options of `createUser`. */
export interface NewUser {
  /** A UUID. @defaultValue a random one */
  id?: string;
  /** @defaultValue an address of its own */
  email?: string;
  /** @defaultValue {@link DEFAULT_PASSWORD} */
  password?: string;
  appMetadata?: Record<string, unknown>;
  userMetadata?: Record<string, unknown>;
}

/** An account, and the {@link Persona} it is. */
export interface TestUser extends Required<Persona> {
  email: string;
  password: string;
}

/** Makes an account whose address is confirmed. @throws AuthError of supabase-js */
export async function createUser(service: SupabaseClient, { id = randomUUID(), email = `${id}@example.test`, password = DEFAULT_PASSWORD, appMetadata = {}, userMetadata = {} }: NewUser): Promise<TestUser> {
  const { data, error } = await service.auth.admin.createUser({ id, email, password, email_confirm: true, app_metadata: appMetadata, user_metadata: userMetadata });
  if (error) throw error;
  const { role = 'authenticated', app_metadata, user_metadata } = data.user;
  return { id, email, password, role, claims: { email, app_metadata, user_metadata } };
}

/** The claims of a persona's token, and with them its rights. */
export function callerOf({ id, role = 'authenticated', claims = {} }: Persona): Caller {
  return { role, claims: { ...claims, ...(id === undefined ? {} : { sub: id }), role } };
}
