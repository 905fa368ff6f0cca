import { defineChannel, type LiveRowsOptions } from '@ruwad/realtime-core';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import type { WorldOptions } from './world.ts';

/** Whose app is looked at, and somebody else. */
export const SARA = 'a0000000-0000-4000-8000-000000000002';
export const OMAR = 'a0000000-0000-4000-8000-000000000003';

/**
 * A table of tasks, of which people see their own, and task 0 as long as they are members; tracked by the change log. Time
 * may stand still here, so that versions also count microseconds.
 */
const SETUP = `
  create table members (person uuid primary key);
  create sequence ticks;
  create function tick() returns timestamptz language sql security definer as $$ select clock_timestamp() + nextval('ticks') * interval '1 microsecond' $$;
  create table tasks (id int primary key, owner uuid not null default '${SARA}', n int not null, updated_at timestamptz not null default tick());
  create function stamp() returns trigger language plpgsql as $$ begin new.updated_at := tick(); return new; end $$;
  create trigger stamp before update on tasks for each row execute function stamp();
  alter table tasks enable row level security;
  create policy own on tasks for select to authenticated using (owner = (select auth.uid()) or (id = 0 and exists (select from members where person = (select auth.uid()))));
  alter publication supabase_realtime add table tasks;
  select ruwad.track_changes('public.tasks');
  insert into tasks (id, n) select i, i - 1 from generate_series(1, 5) i;
  insert into tasks (id, n, owner) values (0, 2, '${OMAR}');
  insert into members values ('${SARA}');
  grant select on members to authenticated;
`;

/** A database of tasks alone. */
export const TASKS: WorldOptions = { migrations: fileURLToPath(new URL('../../../supabase/optional/change_log.sql', import.meta.url)), seed: null, setup: SETUP };

const row = z.object({ id: z.number(), n: z.number(), updated_at: z.string() });
const versioned = defineChannel({ name: 'versioned', topic: 'versioned', tables: { tasks: { row, version: 'updated_at' } } });
const plain = defineChannel({ name: 'plain', topic: 'plain', tables: { tasks: { row } } });
const positive = defineChannel({ name: 'positive', topic: 'positive', tables: { tasks: { row, version: 'updated_at', filter: () => ({ column: 'n', operator: 'gt' as const, value: 0 }) } } });

/** The part of a task that is shown. */
export interface Task {
  readonly id: number;
  readonly n: number;
}

/** What an app shows, and the SQL that says which tasks these are. */
export interface TaskList {
  readonly channel: typeof versioned;
  readonly query: LiveRowsOptions<typeof versioned, 'tasks'>;
  readonly sql: string;
  /** How often it is compared with the table at least, by default, in ms. */
  readonly reconcileMs: number;
  /** Whether the stream tells of every write: not to a filter, which rows leave and are deleted behind without a word. */
  readonly isTold: boolean;
}

const WITH_VERSION_MS = 30_000;
const WITHOUT_VERSION_MS = 60_000;

/** A whole table, its first rows without a version column, some of its rows, and those that the channel's filter lets through. */
export const LISTS: readonly TaskList[] = [
  { channel: versioned, query: { table: 'tasks', orderBy: { column: 'id' } }, sql: 'select id, n from tasks order by id', reconcileMs: WITH_VERSION_MS, isTold: true },
  { channel: plain, query: { table: 'tasks', orderBy: { column: 'n', ascending: false }, limit: 3 }, sql: 'select id, n from tasks order by n desc, id limit 3', reconcileMs: WITHOUT_VERSION_MS, isTold: true },
  { channel: versioned, query: { table: 'tasks', orderBy: { column: 'n' }, limit: 2, where: [{ column: 'n', operator: 'neq', value: 3 }] }, sql: 'select id, n from tasks where n <> 3 order by n, id limit 2', reconcileMs: WITH_VERSION_MS, isTold: true },
  { channel: positive, query: { table: 'tasks', orderBy: { column: 'id', ascending: false } }, sql: 'select id, n from tasks where n > 0 order by id desc', reconcileMs: WITH_VERSION_MS, isTold: false },
];
