import * as z from 'zod/mini';
import { beforeAll, expect, test } from 'vitest';
import { defineChannel } from '../src/index.ts';
import { useBackend } from './support/backend.ts';
import { until } from './support/until.ts';

const backend = useBackend();

beforeAll(async () => {
  for (const statement of [
    `create type public.priority as enum ('low', 'medium', 'high')`,
    'create table public.tasks (id int primary key, priority public.priority not null, v int not null default 1)',
    'create table public.words (id int primary key, word text collate "und-x-icu" not null, v int not null default 1)',
    'grant select on public.tasks, public.words to authenticated',
    'alter publication supabase_realtime add table public.tasks, public.words',
  ]) await backend.server.sql(statement);
});

const words = defineChannel({ name: 'words', topic: 'words', tables: { words: { row: z.object({ id: z.number(), word: z.string(), v: z.number() }), version: 'v' } } });
const tasks = defineChannel({ name: 'tasks', topic: 'tasks', tables: { tasks: { row: z.object({ id: z.number(), priority: z.string() }) } } });

test('R9: rows ordered by text of a linguistic collation stay the first ones that SQL gives', async () => {
  await backend.server.sql(`insert into public.words select i, (case when i % 2 = 0 then 'n' else 'N' end) || 'ame ' || lpad(i::text, 3, '0') from generate_series(0, 199) i`);
  const { realtime } = await backend.open('sara');
  const live = realtime.live({ channel: words, table: 'words', orderBy: { column: 'word' }, limit: 20, reconcileMs: 300 });
  const seen = new Set<string>();
  live.store.subscribe(() => { if (live.store.get().rows.length > 0) seen.add(live.store.get().rows.map(({ id }) => id).join()); });
  await until(live.store, ({ status }) => status === 'live', 'live');
  const { syncedAt } = live.store.get();
  await until(live.store, (state) => Number(state.syncedAt) > Number(syncedAt), 'compared');
  const first = await backend.server.sql<{ id: number }>('select id from public.words order by word, id limit 20');
  expect([...seen]).toEqual([first.map(({ id }) => id).join()]);
  await backend.server.sql(`insert into public.words values (300, 'Name 004'), (301, 'name 0'), (302, 'NAME 007'), (303, 'zz')`);
  const then = await backend.server.sql<{ id: number }>('select id from public.words order by word, id limit 20');
  await until(live.store, ({ rows }) => rows.map(({ id }) => id).join() === then.map(({ id }) => id).join(), 'the rows that SQL gives');
});

test('R9: rows ordered by an enum are in the order of its definition, page after page', async () => {
  await backend.server.sql(`insert into public.tasks values (1, 'low'), (2, 'high'), (3, 'medium'), (4, 'high'), (5, 'low'), (6, 'medium')`);
  const { realtime } = await backend.open('sara');
  const live = realtime.live({ channel: tasks, table: 'tasks', orderBy: { column: 'priority', ascending: false }, limit: 2 });
  live.store.subscribe(() => undefined);
  await until(live.store, ({ status }) => status === 'live', 'live');
  expect(live.store.get().rows.map(({ id }) => id)).toEqual([2, 4]);
  await live.loadMore();
  expect(live.store.get().rows.map(({ id }) => id)).toEqual([2, 4, 3, 6]);
  await backend.server.sql(`update public.tasks set priority = 'high' where id = 1`);
  await until(live.store, ({ rows }) => rows.map(({ id }) => id).join() === '1,2,4,3', 'the row that is high now');
});

test('R4: a condition on which text is greater is met as SQL has it', async () => {
  const { realtime } = await backend.open('sara');
  const live = realtime.live({ channel: words, table: 'words', orderBy: { column: 'id' }, where: [{ column: 'word', operator: 'gt', value: 'nz' }, { column: 'id', operator: 'gte', value: 1_000 }] });
  live.store.subscribe(() => undefined);
  await until(live.store, ({ status }) => status === 'live', 'live');
  const asSql = async (what: string): Promise<void> => {
    const found = await backend.server.sql<{ id: number; v: number }>(`select id, v from public.words where word > 'nz' and id >= 1000 order by id`);
    const shown = (rows: readonly { id: number; v: number }[]): string => rows.map(({ id, v }) => `${String(id)}.${String(v)}`).join();
    await until(live.store, ({ rows }) => shown(rows) === shown(found), what);
  };
  await backend.server.sql(`insert into public.words values (1000, 'Z'), (1001, 'a'), (1002, 'B'), (1003, 'zz'), (1004, 'É'), (1005, 'ö')`);
  await asSql('the rows that were made');
  await backend.server.sql(`update public.words set v = 2, word = case id when 1000 then 'A' when 1002 then 'Y' else word end where id >= 1000`);
  await asSql('the rows as they were changed');
  expect(live.store.get().rows.map(({ id }) => id)).toEqual([1_002, 1_003, 1_005]);
});
