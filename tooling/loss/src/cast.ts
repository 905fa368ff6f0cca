import { SupabaseClient } from '@supabase/supabase-js';
import type { DevServer } from '@ruwad/realtime-devserver';
import { createNetwork, type Traffic } from './network.ts';
import type { Rows } from './rows.ts';
import type { Session } from './session.ts';
import type { OwnerFilter, Running, Subject } from './subject.ts';

/** A subject on the stage. */
export interface Actor {
  readonly subject: Subject;
  rows(): Rows;
  /** Since it mounted. */
  traffic(): Traffic;
  leave(): Promise<void>;
}

/** What all actors of a run share. */
export interface House {
  server: DevServer;
  session: Session | null;
  filter: OwnerFilter | null;
}

/** Mounts a subject with a client and a network of its own. One that fails to mount shows nothing. */
export async function enter(subject: Subject, { server, session, filter }: House): Promise<Actor> {
  const network = createNetwork();
  const supabase = clientOf(server, network, session);
  session?.onRefreshed(() => void supabase.realtime.setAuth());
  const app = { supabase, table: subject.table, filter, userId: session?.userId ?? null };
  let running: Running | null = null;
  const mounted = subject.start(app).then((started) => void (running = started));
  mounted.catch((error: unknown) => console.warn(`${subject.name} did not mount`, error));
  await Promise.resolve();
  return {
    subject,
    rows: () => running?.rows() ?? new Map(),
    traffic: network.traffic,
    async leave() {
      await mounted.catch(() => undefined);
      await running?.stop();
      await supabase.realtime.disconnect();
      network.close();
    },
  };
}

/** Somebody else who listens to the table; for limits that count listeners. */
export function enterExtra(server: DevServer): { leave(): Promise<void> } {
  const network = createNetwork();
  const supabase = clientOf(server, network, null);
  supabase.channel('items').on('postgres_changes', { event: '*', schema: 'public', table: 'items' }, () => undefined).subscribe();
  return {
    async leave() {
      await supabase.removeAllChannels();
      network.close();
    },
  };
}

function clientOf({ url, anonKey }: DevServer, { fetch, transport }: ReturnType<typeof createNetwork>, session: Session | null): SupabaseClient {
  return new SupabaseClient(url, anonKey, {
    global: { fetch },
    realtime: { transport: transport as never }, // its constructor takes more than supabase-js asks of one
    ...(session === null ? { auth: { persistSession: false, autoRefreshToken: false } } : { accessToken: () => session.token() }),
  });
}
