import { serve, type ServerType } from '@hono/node-server';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import ws from 'ws';
import { createAuthApi, type AuthSettings } from '../src/auth/index.ts';
import type { Database } from '../src/database/database.ts';
import type { Logger } from '../src/logger.ts';
import { anonKey, createTokens, serviceRoleKey, type Tokens } from '../src/tokens/index.ts';

/** Auth on a real HTTP server over a database of the test's own. */
export interface AuthServer {
  url: string;
  /** The public key. */
  apikey: string;
  tokens: Tokens;
  /** How far the server's clock runs ahead of the real one, in milliseconds. */
  clock: { aheadMs: number };
  /** Lines that were logged, with their fields as JSON. */
  log: string[];
  /** A client without a session, for `auth` as anybody. */
  newClient(): SupabaseClient;
  /** A client with the service key, for `auth.admin`. */
  service: SupabaseClient;
  /** A plain request with the public key, for what `supabase-js` cannot send. */
  call(path: string, init?: { method?: string; body?: string; headers?: Record<string, string> }): Promise<Response>;
  close(): Promise<void>;
}

/** Serves Auth on a free port. The database stays the caller's, and open. */
export async function startAuthServer(db: Database, settings: AuthSettings = {}): Promise<AuthServer> {
  const clock = { aheadMs: 0 };
  const now = () => Date.now() + clock.aheadMs;
  const tokens = createTokens({ now });
  const log: string[] = [];
  const write = (message: string, fields?: unknown) => void log.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const app = new Hono();
  app.route('/auth/v1', createAuthApi({ db, tokens, logger, now, settings }));
  const { server, url } = await listen(app);
  const apikey = await anonKey();
  const newClient = (key = apikey) =>
    createClient(url, key, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
      // supabase-js needs a WebSocket on Node 20, although nothing here opens one.
      realtime: { transport: ws as never },
    });
  return {
    url,
    apikey,
    tokens,
    clock,
    log,
    newClient: () => newClient(),
    service: newClient(await serviceRoleKey()),
    call: (path, { headers = {}, ...init } = {}) => fetch(`${url}/auth/v1${path}`, { ...init, headers: { apikey, ...headers } }),
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

function listen(app: Hono): Promise<{ server: ServerType; url: string }> {
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }: AddressInfo) => resolve({ server, url: `http://127.0.0.1:${port}` }));
  });
}
