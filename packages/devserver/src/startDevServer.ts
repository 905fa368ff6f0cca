import { existsSync } from 'node:fs';
import { createAuthApi, type AuthSettings } from './auth/index.ts';
import type { Database } from './database/database.ts';
import { openDatabase } from './database/openDatabase.ts';
import { createControlApi } from './control/controlApi.ts';
import { createFaults, createHttpSeam, expirable, faultSeed, throughSeam, type Faults } from './faults/index.ts';
import { createGateway } from './gateway.ts';
import { listenHttp } from './http.ts';
import { packageVersion } from './lib/packageFolder.ts';
import { createTime, systemClock, type Clock } from './lib/time.ts';
import { silentLogger, type Logger } from './logger.ts';
import { createRealtime, isOfNoJoin, type LimitsOption, type Realtime } from './realtime/index.ts';
import { createRestApi } from './rest/index.ts';
import { anonKey, createTokens, DEFAULT_JWT_SECRET, serviceRoleKey, type SignOptions, type TokenClaims } from './tokens/index.ts';

const DEFAULT_MIGRATIONS = './supabase/migrations';
const DEFAULT_SEED = './supabase/seed.sql';

/** Options of {@link startDevServer}. Relative paths start from the working directory. */
export interface DevServerOptions {
  /** TCP port; 0 takes any free one. @defaultValue `54321` */
  port?: number;
  /** Address to listen on. @defaultValue `'127.0.0.1'` */
  host?: string;
  /** Folder of the database; `null` keeps it in memory. @defaultValue `'.data'` */
  dataDir?: string | null;
  /**
   * Folder of `*.sql`, run in name order, or several of them and single files; `null` for none.
   * @defaultValue `'./supabase/migrations'` when it exists
   */
  migrations?: string | readonly string[] | null;
  /** SQL run once into a new database; `null` for none. @defaultValue `'./supabase/seed.sql'` when it exists */
  seed?: string | null;
  /** Delete the database in `dataDir` and make it anew. @defaultValue `false` */
  reset?: boolean;
  /** HS256 secret of all tokens. @defaultValue the public secret of every local Supabase project */
  jwtSecret?: string;
  /** Who may make accounts. @defaultValue sign-up with a password, as in a new project whose addresses need no confirmation */
  auth?: AuthSettings;
  /** Where lines go. @defaultValue nowhere */
  logger?: Logger;
  /** Factor on the server's deliberate delays (refused handshakes, join errors, idle sockets …). @defaultValue `1` */
  timeScale?: number;
  /** What tells the time and waits. @defaultValue the clock of this machine */
  clock?: Clock;
  /**
   * Limits of Realtime: `'supabase'` are those of a project with default settings, `'off'` lifts all; else settings on
   * top of the default, which limits each client as Supabase does but not all of them together, as plans do.
   * @defaultValue `{}`
   */
  limits?: LimitsOption;
  /**
   * Drop pushes whose `join_ref` is missing or that of an older join, without a word: as Realtime does on a Phoenix of
   * 1.8.3 or later, which Supabase patches. @defaultValue `false`
   */
  strictJoinRefs?: boolean;
  /** Chance in {@link DevServer.faults}; with the same `seed`, a whole number, it is the same. @defaultValue a random seed */
  faults?: { seed?: number };
  /**
   * Whether faults can be commanded over HTTP, at `/_control`, by this machine only; `origins` are those of pages on other
   * ports that may, e.g. `http://localhost:5173`. @defaultValue `false`
   */
  control?: boolean | { origins: readonly string[] };
}

/** A running dev server. */
export interface DevServer {
  /** What `createClient` takes, e.g. `http://127.0.0.1:54321`. */
  url: string;
  port: number;
  /** Public key: role `anon`. The same on every start with the same secret. */
  anonKey: string;
  /** Secret key: role `service_role`, beyond row level security. */
  serviceRoleKey: string;
  jwtSecret: string;
  /** Faults on command: cut sockets, lost changes, restarts and more. */
  faults: Faults;
  /** Rows of one statement as superuser, beyond row level security; values as `Tx` describes them. */
  sql<Row = Record<string, unknown>>(query: string, params?: readonly unknown[]): Promise<Row[]>;
  /** A token with these claims, e.g. `{ sub, role: 'authenticated' }`, for an hour unless said otherwise. */
  signToken(claims: TokenClaims, options?: SignOptions): Promise<string>;
  /** Ends every connection and the database; leaves no handle behind. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts a local backend that an unmodified `@supabase/supabase-js` talks to: REST, auth and Realtime on an embedded
 * Postgres. For development and tests, never for production.
 * @throws `DevServerError` with a stable code and one line that says what to do.
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  return (await startParts(options)).server;
}

/** A server with its parts, for the test kit, which looks into them. */
export interface RunningParts {
  server: DevServer;
  db: Database;
  realtime: Realtime;
}

/** As {@link startDevServer}. @param setup SQL run before anything looks at the database */
export async function startParts(options: DevServerOptions, setup = ''): Promise<RunningParts> {
  const { port = 54321, host = '127.0.0.1', dataDir = '.data', reset = false, jwtSecret = DEFAULT_JWT_SECRET, auth = {}, logger = silentLogger, timeScale = 1, clock = systemClock } = options;
  const { migrations = whenThere(DEFAULT_MIGRATIONS), seed = whenThere(DEFAULT_SEED), limits = {}, strictJoinRefs = false, faults: faultOptions = {}, control = false } = options;
  if (migrations === null && options.migrations === undefined) logger.info(`there are no migrations: ${DEFAULT_MIGRATIONS} does not exist here`);
  const seedOfFaults = faultSeed(faultOptions.seed);
  const running: (() => Promise<void>)[] = [];
  const stop = () => stopAll(running);
  try {
    // First, for a taken port is known at once and a database takes its time.
    const http = await listenHttp({ port, host });
    running.push(() => http.close());
    const db = await openDatabase({ dataDir, migrations, seed, reset, logger });
    running.push(() => db.close());
    if (setup !== '') await db.exec(setup);
    const [key, serviceKey] = await Promise.all([anonKey(jwtSecret), serviceRoleKey(jwtSecret)]);
    const now = () => clock.now();
    const tokens = expirable(createTokens({ jwtSecret, now }), { now, apiKeys: [key, serviceKey] });
    const realtime = createRealtime({ db, tokens, logger, time: createTime({ clock, timeScale }), limits });
    if (strictJoinRefs) realtime.seams.push.insert(isOfNoJoin);
    running.push(() => realtime.close());
    await realtime.start();
    const httpSeam = createHttpSeam();
    const faults = createFaults({ db, tokens, realtime, http: httpSeam, time: createTime({ clock }), seed: seedOfFaults, logger });
    const app = createGateway({
      db,
      logger,
      version: packageVersion(import.meta.url),
      project: { anonKey: key, database: dataDir ?? 'in memory' },
      apis: {
        '/rest/v1': createRestApi({ db, tokens, logger }),
        '/auth/v1': createAuthApi({ db, tokens, logger, now: () => clock.now(), settings: auth }),
        '/realtime/v1/api': realtime.api,
        '/api': realtime.api,
      },
      beforeApis: throughSeam(httpSeam),
      control: control === false ? null : createControlApi({ faults, origins: control === true ? [] : control.origins }),
    });
    http.serve({ app, handleUpgrade: (request, socket, head) => realtime.handleUpgrade(request, socket, head) });
    // Sockets first, with their close code: ending the server would cut them; then running requests, while there is a database, which a fault may hold up.
    running.push(() => http.close(), () => faults.clear(), () => realtime.close());

    let closing: Promise<void> | undefined;
    const server: DevServer = {
      url: `http://${reachableHost(host)}:${http.port}`,
      port: http.port,
      anonKey: key,
      serviceRoleKey: serviceKey,
      jwtSecret,
      faults,
      sql: (query, params) => db.query(query, params),
      signToken: (claims, signOptions) => tokens.sign(claims, signOptions),
      close: () => (closing ??= stop()),
    };
    return { server, db, realtime };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Last started, first stopped; one that fails does not keep the others up. */
async function stopAll(running: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of running.splice(0).reverse()) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function whenThere(path: string): string | null {
  return existsSync(path) ? path : null;
}

/** A wildcard is an address to listen on, not one to connect to. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
