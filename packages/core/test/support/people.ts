import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { DevServer } from '@ruwad/realtime-devserver';
import WebSocket from 'ws';
import { createRealtimeClient, decodeFrame, type RealtimeClient, type RealtimeClientOptions, type RealtimeUser } from '../../src/index.ts';

/** People of the seed. */
export const people = {
  admin: { id: 'a0000000-0000-4000-8000-000000000001', name: 'Abdullah Al-Harbi', role: 'admin' },
  sara: { id: 'a0000000-0000-4000-8000-000000000002', name: 'Sara Al-Qahtani', role: 'innovator' },
  omar: { id: 'a0000000-0000-4000-8000-000000000003', name: 'Omar Al-Zahrani', role: 'innovator' },
} satisfies Record<string, RealtimeUser>;

/** One person's app: their supabase client and the SDK on it. */
export interface App {
  readonly supabase: SupabaseClient;
  readonly realtime: RealtimeClient;
  close(): Promise<void>;
}

/** How somebody signs in. */
export interface SignInOptions {
  /** WebSocket constructor. @defaultValue that of `ws` */
  transport?: typeof WebSocket;
  /** Where tokens come from. @defaultValue one that is good for an hour */
  accessToken?: () => Promise<string | null>;
  /** How frames are read; null for supabase-js's own way. @defaultValue `decodeFrame` */
  decode?: typeof decodeFrame | null;
  /** supabase-js's own, of another version. @defaultValue that of the newest */
  createClient?: typeof createClient;
}

/** An unmodified supabase client that acts as this person; it reads frames as the README recommends. */
export async function signIn(server: DevServer, user: RealtimeUser, { transport = WebSocket, accessToken, decode = decodeFrame, createClient: create = createClient }: SignInOptions = {}): Promise<SupabaseClient> {
  const token = await server.signToken({ sub: user.id, role: 'authenticated' });
  return create(server.url, server.anonKey, {
    accessToken: accessToken ?? (() => Promise.resolve(token)),
    realtime: { transport: transport as never, ...(decode !== null && { decode }) }, // its constructor takes more than supabase-js asks of one
  });
}

/** Opens a person's app. Close it at the end of the test. */
export async function openApp(server: DevServer, user: RealtimeUser, options: Partial<RealtimeClientOptions> & SignInOptions = {}): Promise<App> {
  const supabase = await signIn(server, user, options);
  // Tests cut sockets more often than is usual, and would wait for their backoff.
  const realtime = createRealtimeClient({ supabase, user, reconnect: { baseMs: 200 }, ...options });
  return { supabase, realtime, close: () => realtime.dispose() };
}
