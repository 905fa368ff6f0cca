import { createClient, type SupabaseClient, type SupabaseClientOptions } from '@supabase/supabase-js';
import ws from 'ws';
import type { DevServer } from '../startDevServer.ts';
import { callerOf, type Persona } from './people.ts';

/** Options of supabase-js's `createClient`; what a test needs is already set. */
export type ClientOptions = SupabaseClientOptions<'public'>;

/** Makes unmodified supabase-js clients of one server, and ends them. */
export class Clients {
  readonly #server: DevServer;
  readonly #open = new Set<SupabaseClient>();
  #admin: SupabaseClient | undefined;

  constructor(server: DevServer) {
    this.#server = server;
  }

  anon(options?: ClientOptions): SupabaseClient {
    return this.#create(this.#server.anonKey, options);
  }

  service(options?: ClientOptions): SupabaseClient {
    return this.#create(this.#server.serviceRoleKey, options);
  }

  /** The kit's own. */
  get admin(): SupabaseClient {
    return (this.#admin ??= this.service());
  }

  /** With a session, as an app has it after its sign-in form. */
  async signIn(email: string, password: string, options?: ClientOptions): Promise<SupabaseClient> {
    const client = this.anon(options);
    const { error } = await client.auth.signInWithPassword({ email, password });
    if (error) throw error;
    return withToken(client);
  }

  /** With a token signed here, as `accessToken` of `createClient`. */
  async signInAs(persona: Persona, options?: ClientOptions): Promise<SupabaseClient> {
    const token = await this.#server.signToken(callerOf(persona).claims);
    return withToken(this.anon({ accessToken: () => Promise.resolve(token), ...options }));
  }

  /** Leaves every channel and closes every socket. */
  async close(): Promise<void> {
    const clients = [...this.#open];
    this.#open.clear();
    await Promise.all(
      clients.map(async (client) => {
        // First, so that leaving need not wait for a server that does not answer.
        await client.realtime.disconnect();
        await client.removeAllChannels();
      }),
    );
  }

  #create(key: string, { auth, realtime, ...options }: ClientOptions = {}): SupabaseClient {
    const client = createClient(this.#server.url, key, {
      ...options,
      // Clients of one process are several people: none may find the session of another.
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false, ...auth },
      realtime: { ...transport(), ...realtime },
    });
    this.#open.add(client);
    return client;
  }
}

/** Else a channel that subscribes at once would join as anon: supabase-js reads the token some moments later. */
async function withToken(client: SupabaseClient): Promise<SupabaseClient> {
  await client.realtime.setAuth();
  return client;
}

/** Node before 22 has no WebSocket; the cast is true for what supabase-js uses of this one. */
function transport(): ClientOptions['realtime'] {
  return 'WebSocket' in globalThis ? {} : { transport: ws as never };
}
