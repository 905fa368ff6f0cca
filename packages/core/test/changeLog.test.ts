import { fileURLToPath } from 'node:url';
import { createTestBackend, type TestBackend } from '@ruwad/realtime-devserver/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { changeLog, createRealtimeClient, decodeFrame, defineChannel, type LiveQuery, type RealtimeClient } from '../src/index.ts';
import { until } from './support/until.ts';

const sara = { id: 'a0000000-0000-4000-8000-000000000002' };
const omar = { id: 'a0000000-0000-4000-8000-000000000003' };

const SETUP = `
  create table tasks (id int primary key, owner uuid not null default '${sara.id}', n int not null, updated_at timestamptz not null default clock_timestamp());
  create function stamp() returns trigger language plpgsql as $$ begin new.updated_at := clock_timestamp(); return new; end $$;
  create trigger stamp before update on tasks for each row execute function stamp();
  alter table tasks enable row level security;
  alter table tasks replica identity full;
  create policy own on tasks for select to authenticated using (owner = (select auth.uid()));
  alter publication supabase_realtime add table tasks;
`;
const row = z.object({ id: z.number(), n: z.number(), updated_at: z.string() });
type Row = z.infer<typeof row>;
const versioned = defineChannel({ name: 'versioned', topic: 'versioned', tables: { tasks: { row, version: 'updated_at' } } });
const plain = defineChannel({ name: 'plain', topic: 'plain', tables: { tasks: { row } } });
const positive = defineChannel({ name: 'positive', topic: 'positive', tables: { tasks: { row, version: 'updated_at', filter: () => ({ column: 'n', operator: 'gt' as const, value: 0 }) } } });

let backend: TestBackend;
beforeAll(async () => {
  const optional = fileURLToPath(new URL('../../../supabase/optional/change_log.sql', import.meta.url));
  backend = await createTestBackend({ migrations: optional, seed: null, setup: SETUP });
});
const clients: RealtimeClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.dispose()));
  await backend.faults.clear();
  await backend.closeClients();
});
afterAll(() => backend.close());

/** Sara's app, and what it asked REST for. */
async function openApp(reconcileMs: number, channel: typeof plain = versioned): Promise<{ realtime: RealtimeClient; live: LiveQuery<Row>; asked: string[]; stop: () => void }> {
  const asked: string[] = [];
  const supabase = await backend.signInAs(sara, {
    realtime: { decode: decodeFrame },
    global: {
      fetch: (url, init) => {
        asked.push(new URL(url as string).pathname.replace('/rest/v1/', ''));
        return fetch(url, init);
      },
    },
  });
  const realtime = createRealtimeClient({ supabase, user: sara, reconnect: { baseMs: 10, capMs: 50 }, changeLog });
  clients.push(realtime);
  const live = realtime.live({ channel: realtime.channel(channel), table: 'tasks', orderBy: { column: 'id' }, limit: 1_000, reconcileMs });
  const stop = live.store.subscribe(() => undefined);
  await until(live.store, ({ status }) => status === 'live', 'live');
  return { realtime, live, asked, stop };
}
const oracle = (condition = 'true'): Promise<{ id: number; n: number }[]> => backend.sqlAs(sara)(`select id, n from tasks where ${condition} order by id`);
const shown = ({ rows }: { rows: readonly Row[] }) => rows.map(({ id, n }) => ({ id, n }));
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

async function track(publicKeys: boolean): Promise<void> {
  await backend.sql`truncate tasks`;
  await backend.sql(`select ruwad.untrack_changes('public.tasks'), ruwad.track_changes('public.tasks', public_keys => ${String(publicKeys)})`);
}

test.each([[true, versioned], [false, versioned], [true, plain], [false, plain]])('R4: after a cut, everything missed is told by the log, and the table is not read again (public keys: %s)', async (publicKeys, channel) => {
  await track(publicKeys);
  await backend.sql`insert into tasks (id, n) select i, i from generate_series(1, 20) i`;
  const { live, asked } = await openApp(Infinity, channel);
  expect(asked).toEqual(['rpc/changes_since', 'tasks']);
  const stale = until(live.store, ({ status }) => status === 'stale', 'stale');
  await backend.faults.dropSockets();
  await stale;
  await backend.sql`update tasks set n = -1 where id = 1`;
  await backend.sql`delete from tasks where id = 2`;
  await backend.sql`update tasks set owner = ${omar.id} where id = 3`;
  await backend.sql`insert into tasks (id, n) values (21, 21)`;
  const back = await until(live.store, ({ status }) => status === 'live', 'live again');
  expect(shown(back)).toEqual(await oracle());
  expect(asked.slice(2)).toEqual(['rpc/changes_since']);
});

test('R4: what the stream lost without a sign is told at the next sweep, deletes and rows that left the filter included', async () => {
  await track(true);
  await backend.sql`insert into tasks (id, n) select i, i from generate_series(1, 20) i`;
  const { live, asked } = await openApp(300, positive);
  await backend.faults.skipBatches();
  await backend.sql`update tasks set n = 100 where id = 1`;
  await backend.sql`update tasks set n = 0 where id = 2`;
  await backend.sql`delete from tasks where id = 3`;
  const expected = await oracle('n > 0');
  const right = await until(live.store, (state) => same(shown(state), expected), 'the rows of the table');
  expect(right.status).toBe('live');
  expect(asked.slice(0, 3)).toEqual(['rpc/changes_since', 'tasks', 'rpc/changes_since']);
});

test('rows are right without a log too, which is asked for once', async () => {
  await track(false);
  await backend.sql`select ruwad.untrack_changes('public.tasks')`;
  await backend.sql`insert into tasks (id, n) values (1, 1)`;
  const { live, asked } = await openApp(Infinity);
  const stale = until(live.store, ({ status }) => status === 'stale', 'stale');
  await backend.faults.dropSockets();
  await stale;
  await backend.sql`delete from tasks`;
  expect(shown(await until(live.store, ({ status }) => status === 'live', 'live again'))).toEqual([]);
  expect(asked.filter((path) => path === 'rpc/changes_since').length).toBe(1);
});

test.each(['truncate tasks', `delete from ruwad.log_state`])('R4: a cursor that is good no more (%s) costs one whole read, and rows are right', async (end) => {
  await track(true);
  await backend.sql`insert into tasks (id, n) select i, i from generate_series(1, 5) i`;
  const { live, asked } = await openApp(Infinity);
  const stale = until(live.store, ({ status }) => status === 'stale', 'stale');
  await backend.faults.dropSockets();
  await stale;
  await backend.sql(end);
  await backend.sql`insert into tasks (id, n) values (6, 6)`;
  expect(shown(await until(live.store, ({ status }) => status === 'live', 'live again'))).toEqual(await oracle());
  expect(asked.slice(2, 4)).toEqual(['rpc/changes_since', 'tasks']);
});
