import type { RealtimeChannel, SupabaseClient } from '@supabase/supabase-js';
import type { Faults } from '../faults/index.ts';
import { startParts, type DevServer, type DevServerOptions } from '../startDevServer.ts';
import { createRecordEvents, waitForSubscribed, type RecordEvents } from './channelEvents.ts';
import { Clients, type ClientOptions } from './clients.ts';
import { keepRows } from './keptRows.ts';
import { withPatience } from './patience.ts';
import { callerOf, createUser, DEFAULT_PASSWORD, type NewUser, type Persona, type TestUser } from './people.ts';
import { Population } from './population.ts';
import { createSql, type Sql } from './sql.ts';

/** Options of {@link createTestBackend}: those of `startDevServer`, with an own database in memory and any free port. */
export interface TestBackendOptions extends Omit<DevServerOptions, 'dataDir' | 'reset'> {
  /** SQL run as superuser before the backend is handed over, e.g. tables of one test file. @defaultValue none */
  setup?: string;
  /** How long `waitFor…`, `settled` and `next` wait before they fail, in ms of real time. @defaultValue `4_000` */
  patienceMs?: number;
}

/** A dev server for one test file, and what tests do with it. */
export interface TestBackend extends AsyncDisposable {
  /** What `createClient` takes. */
  readonly url: string;
  readonly anonKey: string;
  readonly serviceRoleKey: string;
  /** The dev server itself. */
  readonly server: DevServer;
  /** What can go wrong, on command. */
  readonly faults: Faults;

  /** Runs SQL as superuser, beyond row level security: to arrange, and as the oracle. */
  readonly sql: Sql;
  /** Runs SQL under somebody's row level security, each statement a transaction: `sqlAs(sara)`. */
  sqlAs(persona: Persona): Sql;

  /** Makes an account that can sign in. */
  createUser(user?: NewUser): Promise<TestUser>;
  /** A supabase-js client with a session. @param password `'test-password'` unless given @throws AuthError */
  signIn(email: string, password?: string, options?: ClientOptions): Promise<SupabaseClient>;
  /** A supabase-js client that acts as somebody without signing in; `client.auth` is of no use then. */
  signInAs(persona: Persona, options?: ClientOptions): Promise<SupabaseClient>;
  /** A supabase-js client that is not signed in. */
  anonClient(options?: ClientOptions): SupabaseClient;
  /** A supabase-js client with the service role, beyond row level security. */
  serviceClient(options?: ClientOptions): SupabaseClient;
  /** Closes all clients made so far, e.g. after each test. */
  closeClients(): Promise<void>;

  /** Subscribes a channel; resolves once Postgres changes flow too. @throws Error with the server's reason */
  waitForSubscribed(channel: RealtimeChannel): Promise<RealtimeChannel>;
  /** Resolves once so many channels on a topic, of any client, are joined and get their Postgres changes. */
  waitForSubscribers(topic: string, count?: number): Promise<void>;
  /** Resolves once exactly so many sockets, of any client, are open. */
  waitForSockets(count: number): Promise<void>;
  /** Keeps what a channel hears, to look at and to wait for. */
  readonly record: RecordEvents;
  /** Resolves once everything committed so far has reached the clients it is for. What comes after does not count. */
  settled(): Promise<void>;

  /**
   * Puts everything back as it was handed over, for the next test: rows of all tables and sequences, accounts too; ends
   * faults, clients made so far, and every other socket (1012), which may come back at once. The schema stays as it is,
   * and the clock where it is. What the app under test is still writing is not waited for.
   */
  reset(): Promise<void>;
  /** Ends clients, server and database; leaves no handle behind. Safe to call twice. Same as `await using`. */
  close(): Promise<void>;
}

/**
 * Starts a backend with a database of its own, as unmodified supabase-js sees a Supabase project.
 * Needs `@supabase/supabase-js` beside this package.
 * @throws `DevServerError` as `startDevServer` does; Postgres's error when `setup` fails
 */
export async function createTestBackend({ setup = '', patienceMs = 4_000, ...options }: TestBackendOptions = {}): Promise<TestBackend> {
  const { server, db, realtime } = await startParts({ port: 0, ...options, dataDir: null }, setup);
  const putBack = await keepRows(db).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  const clients = new Clients(server);
  const population = new Population(realtime, patienceMs);
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= clients.close().finally(() => server.close()));

  return {
    url: server.url,
    anonKey: server.anonKey,
    serviceRoleKey: server.serviceRoleKey,
    server,
    faults: server.faults,

    sql: createSql((query, params) => db.query(query, params)),
    sqlAs: (persona) => createSql((query, params) => db.runAs(callerOf(persona), (tx) => tx.query(query, params))),

    createUser: (user = {}) => createUser(clients.admin, user),
    signIn: (email, password = DEFAULT_PASSWORD, clientOptions) => clients.signIn(email, password, clientOptions),
    signInAs: (persona, clientOptions) => clients.signInAs(persona, clientOptions),
    anonClient: (clientOptions) => clients.anon(clientOptions),
    serviceClient: (clientOptions) => clients.service(clientOptions),
    closeClients: () => clients.close(),

    waitForSubscribed: (channel) => waitForSubscribed(channel, patienceMs),
    waitForSubscribers: (topic, count = 1) => population.subscribers(topic, count),
    waitForSockets: (count) => population.sockets(count),
    record: createRecordEvents(patienceMs),
    settled: () =>
      withPatience(realtime.run?.settled() ?? Promise.resolve(), {
        what: 'everything committed to be delivered',
        seen: () => 'a client does not answer, or the database is busy',
        patienceMs,
      }),

    async reset() {
      await server.faults.clear();
      await clients.close();
      await realtime.run?.disconnect();
      // Else whoever subscribes next might hear of what is being undone.
      await realtime.run?.feed.settled();
      await putBack();
      realtime.tenant.measureAnew();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
