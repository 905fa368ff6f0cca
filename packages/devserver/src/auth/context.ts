import type { Database } from '../database/database.ts';
import type { Logger } from '../logger.ts';
import type { Tokens } from '../tokens/index.ts';

/** What a project may configure of its sign-in, as in the dashboard or `supabase/config.toml`. */
export interface AuthSettings {
  /** Whether people may make accounts themselves. Addresses are confirmed at once, for no mail is sent. @defaultValue `true` */
  signUps?: boolean;
  /** Whether `signInAnonymously` makes accounts. @defaultValue `false`, as in a new project */
  anonymousSignIns?: boolean;
}

/** What every route of Auth works with. */
export interface AuthContext {
  readonly db: Database;
  readonly tokens: Tokens;
  readonly logger: Logger;
  readonly settings: Required<AuthSettings>;
  /** Wall clock in milliseconds since the epoch. */
  readonly now: () => number;
  /** Lifetime of access tokens, in seconds. */
  readonly accessTokenLifetimeS: number;
}

/** The wall clock as Postgres reads it. */
export function isoNow({ now }: AuthContext): string {
  return new Date(now()).toISOString();
}
