import { createTestBackend, type TestBackend } from '@ruwad/realtime-devserver/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createRealtimeClient, decodeFrame, defineChannel, type LiveQuery, type RealtimeClient } from '../src/index.ts';
import { deepRuns } from './support/deep.ts';
import { createFastClock } from './support/fastClock.ts';

const sara = { id: 'a0000000-0000-4000-8000-000000000002' };
const omar = { id: 'a0000000-0000-4000-8000-000000000003' };
/** Of the client's clock, which runs fifty times as fast as ours. */
const SPEED = 50;
const RECONCILE_MS = 3_000;
/** How long rows may differ from the table after the last fault, in ms of our time: supabase-js gives up an unanswered join after 10 s of it. */
const PATIENCE_MS = 25_000;

const SETUP = `
  create table tasks (id int primary key, owner uuid not null default '${sara.id}', n int not null, updated_at timestamptz not null default clock_timestamp());
  create function stamp() returns trigger language plpgsql as $$ begin new.updated_at := clock_timestamp(); return new; end $$;
  create trigger stamp before update on tasks for each row execute function stamp();
  alter table tasks enable row level security;
  create policy own on tasks for select to authenticated using (owner = (select auth.uid()));
  alter publication supabase_realtime add table tasks;
`;
const row = z.object({ id: z.number(), n: z.number(), updated_at: z.string() });
type Row = z.infer<typeof row>;
const versioned = defineChannel({ name: 'versioned', topic: 'versioned', tables: { tasks: { row, version: 'updated_at' } } });
const plain = defineChannel({ name: 'plain', topic: 'plain', tables: { tasks: { row } } });
const positive = defineChannel({ name: 'positive', topic: 'positive', tables: { tasks: { row, version: 'updated_at', filter: () => ({ column: 'n', operator: 'gt' as const, value: 0 }) } } });

let backend: TestBackend;
let realtime: RealtimeClient;
/** Live queries and the SQL that says what they show. */
let subjects: { live: LiveQuery<Row>; sql: string }[];

beforeAll(async () => {
  backend = await createTestBackend({ migrations: [], seed: null, setup: SETUP, timeScale: 1 / SPEED });
  // By the client's clock an hour passes in 72 s.
  const token = await backend.server.signToken({ sub: sara.id, role: 'authenticated' }, { expiresInS: 100_000_000 });
  const supabase = await backend.signInAs(sara, { realtime: { decode: decodeFrame }, accessToken: () => Promise.resolve(token) });
  realtime = createRealtimeClient({ supabase, user: sara, clock: createFastClock(SPEED) });
  const common = { table: 'tasks', reconcileMs: RECONCILE_MS } as const;
  subjects = [
    { live: realtime.live({ ...common, channel: realtime.channel(versioned), orderBy: { column: 'id' } }), sql: 'select id, n from tasks order by id' },
    { live: realtime.live({ ...common, channel: realtime.channel(plain), orderBy: { column: 'n', ascending: false }, limit: 3 }), sql: 'select id, n from tasks order by n desc, id limit 3' },
    { live: realtime.live({ ...common, channel: realtime.channel(versioned), orderBy: { column: 'n' }, limit: 2, where: [{ column: 'n', operator: 'neq', value: 3 }] }), sql: 'select id, n from tasks where n <> 3 order by n, id limit 2' },
    { live: realtime.live({ ...common, channel: realtime.channel(positive), orderBy: { column: 'id', ascending: false } }), sql: 'select id, n from tasks where n > 0 order by id desc' },
  ];
  for (const { live } of subjects) live.store.subscribe(() => undefined);
});
afterAll(async () => {
  await realtime.dispose();
  await backend.close();
});

const id = fc.nat(7);
const n = fc.integer({ min: -3, max: 6 });
const write = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), id, n }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hide' as const), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('give back' as const), id }) },
);
const fault = fc.constantFrom('drop', 'half-open', 'delayed ok', 'duplicate', 'skip', 'cut replication', 'restart server', 'restart database', 'close channels', 'recheck', 'token', 'fail reads', 'heal');
const step = fc.oneof(
  { weight: 5, arbitrary: write },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('transaction' as const), writes: fc.array(write, { minLength: 1, maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), id, n }) },
  { weight: 3, arbitrary: fault.map((kind) => ({ do: 'fault' as const, kind })) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(15) }) },
);
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function sqlOf(one: Write): string {
  switch (one.do) {
    case 'put':
      return `insert into tasks (id, n) values (${String(one.id)}, ${String(one.n)}) on conflict (id) do update set n = excluded.n`;
    case 'delete':
      return `delete from tasks where id = ${String(one.id)}`;
    case 'hide':
      return `update tasks set owner = '${omar.id}' where id = ${String(one.id)}`;
    case 'give back':
      return `update tasks set owner = '${sara.id}' where id = ${String(one.id)}`;
  }
}

async function perform(one: Step): Promise<void> {
  const { faults } = backend;
  switch (one.do) {
    case 'transaction':
      await backend.sql(`do $$ begin ${one.writes.map(sqlOf).join('; ')}; end $$`);
      return;
    case 'replace':
      await backend.sql(`do $$ begin delete from tasks where id = ${String(one.id)}; insert into tasks (id, n) values (${String(one.id)}, ${String(one.n)}); end $$`);
      return;
    case 'wait':
      await new Promise((resolve) => setTimeout(resolve, one.ms)); // time passes between steps; nothing is waited for
      return;
    case 'fault':
      await strike(one.kind, faults);
      return;
    default:
      await backend.sql(sqlOf(one));
  }
}

async function strike(kind: string, faults: TestBackend['faults']): Promise<unknown> {
  switch (kind) {
    case 'drop':
      return faults.dropSockets();
    case 'half-open':
      return faults.halfOpen({ then: 'reset' });
    case 'delayed ok':
      return faults.delaySystemOk({ ms: 5, jitterMs: 20 });
    case 'duplicate':
      return faults.duplicateChanges({ probability: 0.5 });
    case 'skip':
      return faults.skipBatches({ count: 1 });
    case 'cut replication':
      return faults.cutReplication();
    case 'restart server':
      return faults.restartServer({ graceful: false, downMs: 5 });
    case 'restart database':
      return faults.restartDatabase({ downMs: 5, gapMs: 10 });
    case 'close channels':
      return faults.closeChannels();
    case 'recheck':
      return faults.recheckPublication();
    case 'token':
      return faults.closeChannels({ message: 'Token has expired 0 seconds ago' });
    case 'fail reads':
      return faults.failRequests({ path: '/rest/v1/tasks', count: 1 });
    default:
      return faults.clear();
  }
}

/** Resolves when the query is live and shows what SQL gives; rejects when that takes too long. */
async function untilRight({ live, sql }: (typeof subjects)[number]): Promise<void> {
  const expected = await backend.sqlAs(sara)<{ id: number; n: number }>(sql);
  const state = () => ({ status: live.store.get().status, rows: live.store.get().rows.map(({ id: key, n: value }) => ({ id: key, n: value })) });
  const right = { status: 'live', rows: expected };
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const stop = live.store.subscribe(() => {
      if (JSON.stringify(state()) === JSON.stringify(right)) done();
    });
    const timer = setTimeout(done, PATIENCE_MS);
    if (JSON.stringify(state()) === JSON.stringify(right)) done();
  });
  expect({ ...state(), error: live.store.get().error }).toEqual({ ...right, error: null });
}

test('R2, R4, R5: after random writes and faults, and then quiet, every query shows what SQL gives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      for (const one of steps) await perform(one);
      await backend.faults.clear();
      await Promise.all(subjects.map(untilRight));
    }),
    { numRuns: deepRuns({ usual: 300, deep: 10_000 }), endOnFailure: true },
  );
}, deepRuns({ usual: 300_000, deep: 7_200_000 }));
