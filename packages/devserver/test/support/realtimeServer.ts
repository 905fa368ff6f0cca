import type { DevServer } from '../../src/index.ts';
import { createTestBackend, type TestBackend, type TestBackendOptions } from '../../src/testing/index.ts';

/** Tables and policies of the tests: a public table, and private topics by name. */
const SCHEMA = `
create table notes (id bigint primary key, body text, owner uuid);
alter table notes enable row level security;
create policy own on notes for select to authenticated using (owner = auth.uid());
alter publication supabase_realtime add table notes;
create table events (id bigint primary key);
alter publication supabase_realtime add table events;

create policy rooms_read on realtime.messages for select to authenticated using (realtime.topic() in ('team', 'readers'));
create policy rooms_write on realtime.messages for insert to authenticated with check (realtime.topic() = 'team');
`;

/** A backend with the tests' schema; its deliberate delays are twenty times shorter. */
export function startRealtimeBackend(options: TestBackendOptions = {}): Promise<TestBackend> {
  return createTestBackend({ setup: SCHEMA, migrations: null, seed: null, timeScale: 0.05, patienceMs: 20_000, ...options });
}

/** Its server alone, for tests with sockets of their own. */
export async function startRealtimeServer(options: TestBackendOptions = {}): Promise<DevServer> {
  return (await startRealtimeBackend(options)).server;
}
