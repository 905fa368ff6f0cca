import { join } from 'node:path';
import { REALTIME_SUBSCRIBE_STATES, SupabaseClient, type RealtimeChannel } from '@supabase/supabase-js';
import { WebSocket } from 'ws';
import { startDevServer, type DevServer, type DevServerOptions } from '../../src/index.ts';
import { devProject } from './devProject.ts';
import { temporaryFolder } from './temporaryFolder.ts';

/** Tables and policies of the tests: a public table, and private topics by name. */
const MIGRATION = `
create table notes (id bigint primary key, body text, owner uuid);
alter table notes enable row level security;
create policy own on notes for select to authenticated using (owner = auth.uid());
alter publication supabase_realtime add table notes;
create table events (id bigint primary key);
alter publication supabase_realtime add table events;

create policy rooms_read on realtime.messages for select to authenticated using (realtime.topic() in ('team', 'readers'));
create policy rooms_write on realtime.messages for insert to authenticated with check (realtime.topic() = 'team');
`;

/** A dev server with the tests' schema; its deliberate delays are twenty times shorter. */
export async function startRealtimeServer(options: DevServerOptions = {}): Promise<DevServer> {
  const project = devProject(join(temporaryFolder(), 'supabase'));
  project.migration('0001_notes.sql', MIGRATION);
  return startDevServer({ port: 0, dataDir: null, migrations: project.migrations, seed: null, timeScale: 0.05, ...options });
}

/** An unmodified supabase-js client, as an app makes it on Node 20. */
export function clientOf(server: DevServer): SupabaseClient {
  // Node 20 has no WebSocket of its own; the cast is true for what supabase-js uses of it.
  return new SupabaseClient(server.url, server.anonKey, { realtime: { transport: WebSocket as never }, auth: { persistSession: false } });
}

/** Subscribes, and resolves when the channel is joined; rejects with the reason when it is refused. */
export function joined(channel: RealtimeChannel): Promise<RealtimeChannel> {
  return new Promise((resolve, reject) => {
    channel.subscribe((status, error) => {
      if (status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED) resolve(channel);
      else reject(error ?? new Error(status));
    });
  });
}
