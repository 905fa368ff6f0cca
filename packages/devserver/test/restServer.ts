import { serve } from '@hono/node-server';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import ws from 'ws';
import { openDatabase } from '../src/database/openDatabase.ts';
import type { Database } from '../src/database/database.ts';
import { silentLogger } from '../src/logger.ts';
import { createRestApi, type RestApiOptions } from '../src/rest/index.ts';
import { anonKey, createTokens, serviceRoleKey } from '../src/tokens/index.ts';

/** A request whose headers are a plain object. */
export type PlainRequest = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };

/** The REST API on a real HTTP server, with clients of several callers. */
export interface RestServer {
  url: string;
  db: Database;
  anonKey: string;
  /** The wall clock that tokens expire by, in milliseconds. */
  clock: { now: number };
  anon: SupabaseClient;
  service: SupabaseClient;
  /** A client signed in as a user of the fixture. */
  as(userId: string): Promise<SupabaseClient>;
  token(claims: Record<string, unknown>, expiresInS?: number): Promise<string>;
  /** A plain request with the anonymous key, for what `supabase-js` cannot send. */
  fetch(path: string, init?: PlainRequest): Promise<Response>;
  close(): Promise<void>;
}

/** Opens a database in memory, runs `schema` on it, and serves it on a free port. */
export async function startRestServer(schema: string, options: Pick<RestApiOptions, 'maxBodyBytes' | 'settings'> = {}): Promise<RestServer> {
  const clock = { now: Date.now() };
  const tokens = createTokens({ now: () => clock.now });
  const db = await openDatabase({ dataDir: null });
  await db.exec(schema);
  const app = new Hono();
  app.route('/rest/v1', createRestApi({ db, tokens, logger: silentLogger, ...options }));
  const { server, port } = await listen(app);
  const url = `http://127.0.0.1:${port}`;
  const key = await anonKey();
  // supabase-js on Node 20 needs a WebSocket even where it opens none.
  const client = (apiKey: string, authorization?: string) =>
    createClient(url, apiKey, {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: ws as unknown as typeof WebSocket },
      ...(authorization === undefined ? {} : { accessToken: () => Promise.resolve(authorization) }),
    });
  const token = (claims: Record<string, unknown>, expiresInS = 3600) => tokens.sign(claims, { expiresInS });
  return {
    url,
    db,
    clock,
    token,
    anonKey: key,
    anon: client(key),
    service: client(await serviceRoleKey()),
    as: async (userId) => client(key, await token({ role: 'authenticated', sub: userId })),
    fetch: (path, { headers = {}, ...init } = {}) => fetch(`${url}/rest/v1${path}`, { ...init, headers: { apikey: key, ...headers } }),
    close: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await db.close();
    },
  };
}

function listen(app: Hono): Promise<{ server: ReturnType<typeof serve>; port: number }> {
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, (address: AddressInfo) => resolve({ server, port: address.port }));
  });
}
