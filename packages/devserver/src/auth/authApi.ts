import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Database } from '../database/database.ts';
import { loggable } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Tokens } from '../tokens/index.ts';
import { adminRoutes } from './adminRoutes.ts';
import { requireApiKey } from './apiKey.ts';
import { AuthError, sendAuthError } from './authError.ts';
import type { AuthContext, AuthSettings } from './context.ts';
import { linkRoutes, openLinkRoutes } from './linkRoutes.ts';
import { refusedRoutes } from './refusedRoutes.ts';
import { signInRoutes } from './signInRoutes.ts';
import { userRoutes } from './userRoutes.ts';

export interface AuthApiOptions {
  db: Database;
  tokens: Tokens;
  logger: Logger;
  settings?: AuthSettings;
  /** Wall clock in milliseconds since the epoch. @defaultValue `Date.now` */
  now?: () => number;
  /** Lifetime of access tokens in seconds; tests of refreshing make it short. @defaultValue `3600` */
  accessTokenLifetimeS?: number;
}

/** Largest body, in bytes: credentials and a user's own data are small. */
const MAX_BODY_BYTES = 1_000_000;

/**
 * Supabase Auth (GoTrue) as far as it needs neither mail nor other services: sign-up and sign-in with a password or
 * anonymously, refresh with rotation, the user, sign-out, links that sign in, and the admin API of accounts. Routes are relative to
 * `/auth/v1`; errors have GoTrue's codes and shapes. Neither addresses nor tokens are logged.
 */
export function createAuthApi({ db, tokens, logger, settings = {}, now = Date.now, accessTokenLifetimeS = 3600 }: AuthApiOptions): Hono {
  const context: AuthContext = { db, tokens, logger, now, accessTokenLifetimeS, settings: { signUps: true, anonymousSignIns: false, ...settings } };
  const app = new Hono();

  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseBody }));
  app.onError((error, c) => {
    const refusal = error instanceof AuthError ? error : new AuthError(500, 'unexpected_failure', 'Internal Server Error', { cause: error });
    if (refusal.status === 500) logger.error('auth request failed', { path: c.req.path, error: loggable(refusal.cause ?? refusal) });
    return sendAuthError(c, refusal);
  });
  app.notFound((c) => sendAuthError(c, new AuthError(404, 'not_found', 'The dev server does not have this part of Auth')));

  // What the gateway asks no key for: links that a browser opens, and the public keys of tokens. HS256 has none;
  // supabase-js then asks the server instead of verifying itself.
  app.route('/', openLinkRoutes(context));
  app.get('/.well-known/jwks.json', (c) => c.json({ keys: [] }));
  app.use(requireApiKey(tokens));
  app.get('/health', (c) => c.json({ name: 'GoTrue', version: 'ruwad-devserver', description: 'Auth of the dev server' }));
  app.get('/settings', (c) => c.json(describe(context)));
  for (const routes of [signInRoutes, linkRoutes, userRoutes, refusedRoutes, adminRoutes]) app.route('/', routes(context));
  return app;
}

function refuseBody(c: Context): Response {
  // The rest of the body is not read, so the connection is of no more use; unsaid, a client would send its next request there.
  c.header('Connection', 'close');
  return sendAuthError(c, new AuthError(413, 'validation_failed', 'Request body is too large'));
}

function describe({ settings }: AuthContext): Record<string, unknown> {
  return {
    external: { anonymous_users: settings.anonymousSignIns, email: true, phone: false },
    disable_signup: !settings.signUps,
    mailer_autoconfirm: true,
    phone_autoconfirm: false,
    sms_provider: '',
    saml_enabled: false,
  };
}
