import type { SupabaseClient } from '@supabase/supabase-js';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestBackend, type Persona, type TestBackend } from '../src/testing/index.ts';
import { supabaseFile } from './schemaDatabase.ts';
import { createReader, type ChangesAnswer, type ChangesQuestion } from './support/changeLogReader.ts';
import { deepRuns } from './support/deep.ts';

const sara: Persona = { id: '11111111-1111-4111-8111-111111111111' };
const omar: Persona = { id: '22222222-2222-4222-8222-222222222222' };

const SETUP = `
  create table notes (id int primary key, owner uuid, n int, secret text);
  alter table notes enable row level security;
  revoke all on notes from anon, authenticated;
  grant select (id, owner, n) on notes to authenticated;
  create policy own on notes for select to authenticated using (owner = (select auth.uid()));

  create table "Odd ""names""" ("the key" bigint, "select" text collate "C", at timestamptz, amount numeric, primary key ("select", "the key", at));
  create table cities (id int primary key, name text);
  create table untracked (id int primary key);
`;

let backend: TestBackend;
let clients: { sara: SupabaseClient; omar: SupabaseClient; anon: SupabaseClient; service: SupabaseClient };
beforeAll(async () => {
  backend = await createTestBackend({ migrations: supabaseFile('optional/change_log.sql'), seed: null, setup: SETUP });
  clients = { sara: await backend.signInAs(sara), omar: await backend.signInAs(omar), anon: backend.anonClient(), service: backend.serviceClient() };
});
afterAll(() => backend.close());

beforeEach(async () => {
  await backend.sql('truncate notes, cities, "Odd ""names"""');
  for (const table of ['notes', 'cities', '"Odd ""names"""']) {
    await backend.sql(`select ruwad.untrack_changes('public.${table}'), ruwad.track_changes('public.${table}', public_keys => ${String(table === 'cities')})`);
  }
});

async function ask(client: SupabaseClient, question: ChangesQuestion): Promise<ChangesAnswer> {
  const answer = await client.rpc('changes_since', question);
  if (answer.error) throw answer.error;
  return answer.data as ChangesAnswer; // as the function's comment says
}
const refusal = async (client: SupabaseClient, question: ChangesQuestion) => {
  const answer = await client.rpc('changes_since', question);
  return [answer.status, answer.error?.code];
};
const cursorOf = async (client: SupabaseClient, table_name: string) => (await ask(client, { table_name })).cursor;

describe('changes_since', () => {
  it('gives a cursor first, then the rows written since as they are now, and nothing twice', async () => {
    const first = await ask(clients.sara, { table_name: 'notes' });
    expect(first).toMatchObject({ reset: true, more: false, needs_known: true, rows: [], gone: [] });
    await backend.sql`insert into notes values (1, ${sara.id}, 1, 's'), (2, ${sara.id}, 2, 's')`;
    await backend.sql`update notes set n = 9 where id = 1`;
    const second = await ask(clients.sara, { table_name: 'notes', since: first.cursor });
    expect(second).toMatchObject({ reset: false, more: false, gone: [], rows: [{ id: 1, owner: sara.id, n: 9 }, { id: 2, owner: sara.id, n: 2 }] });
    expect(await ask(clients.sara, { table_name: 'notes', since: second.cursor })).toMatchObject({ reset: false, rows: [], gone: [] });
  });

  it('X1: tells of no row that row level security hides, nor of columns without a grant, nor of deletes of rows not named', async () => {
    const since = await cursorOf(clients.sara, 'notes');
    await backend.sql`insert into notes values (1, ${sara.id}, 1, 's'), (2, ${omar.id}, 2, 's'), (3, ${omar.id}, 3, 's')`;
    await backend.sql`update notes set owner = ${omar.id} where id = 1`;
    await backend.sql`delete from notes where id = 3`;
    expect(await ask(clients.sara, { table_name: 'notes', since })).toMatchObject({ rows: [], gone: [] });
    expect(await ask(clients.omar, { table_name: 'notes', since })).toMatchObject({ rows: [{ id: 1, owner: omar.id, n: 1 }, { id: 2, owner: omar.id, n: 2 }], gone: [] });
    expect((await ask(clients.omar, { table_name: 'notes', since })).rows[0]).not.toHaveProperty('secret');
    // Whoever names a key learns what a select would tell: that there is no such row to see.
    const { rows, gone } = await ask(clients.sara, { table_name: 'notes', since, known: [['1'], ['2'], ['3'], ['404']] });
    expect([rows, gone.map(({ id }) => id).sort()]).toEqual([[], ['1', '2', '3', '404']]);
  });

  it('X1: is refused to those who may not read the table, and for columns they may not read', async () => {
    expect(await refusal(clients.anon, { table_name: 'notes', since: await cursorOf(clients.sara, 'notes') })).toEqual([401, '42501']);
    const since = await cursorOf(clients.sara, 'notes');
    expect(await refusal(clients.sara, { table_name: 'notes', since, columns: ['id', 'secret'] })).toEqual([403, '42501']);
    expect(await refusal(clients.sara, { table_name: 'notes', since, conditions: [{ column: 'secret', operator: 'eq', value: 's' }] })).toEqual([403, '42501']);
  });

  it('X1: of the log itself a caller sees entries of visible rows, and writes nothing', async () => {
    await backend.sql`insert into notes values (1, ${sara.id}, 1, 's'), (2, ${omar.id}, 2, 's')`;
    expect(await backend.sqlAs(sara)`select k1 from ruwad.public__notes`).toEqual([{ k1: 1 }]);
    for (const statement of [
      'delete from ruwad.public__notes', 'insert into ruwad.public__notes (k1) values (1)', 'update ruwad.log_state set pruned = null',
      'truncate ruwad.public__notes', 'delete from ruwad.tracked_tables', `select ruwad.track_changes('public.untracked')`,
      `select ruwad.untrack_changes('public.notes')`, `select ruwad.prune_changes('public.notes')`,
    ]) await expect(backend.sqlAs(sara)(statement), statement).rejects.toMatchObject({ code: '42501' });
  });

  it('X1: of public keys the log tells those alone who may read the table', async () => {
    await backend.sql(`insert into cities values (1, 'a')`);
    await backend.sql('delete from cities');
    expect(await backend.sqlAs(sara)`select distinct k1 from ruwad.public__cities`).toEqual([{ k1: 1 }]);
    await backend.sql('revoke all on cities from authenticated');
    await expect(backend.sqlAs(sara)`select k1 from ruwad.public__cities`).rejects.toMatchObject({ code: '42501' });
    await backend.sql('grant all on cities to authenticated');
  });

  it('tells everybody of deletes in a table with public keys', async () => {
    await backend.sql`insert into cities values (1, 'الرياض'), (2, 'Jeddah')`;
    const since = await cursorOf(clients.sara, 'cities');
    await backend.sql`delete from cities where id = 1`;
    await backend.sql`update cities set id = 7 where id = 2`;
    const answer = await ask(clients.sara, { table_name: 'cities', since });
    expect(answer).toMatchObject({ needs_known: false, rows: [{ id: 7, name: 'Jeddah' }] });
    expect(new Set(answer.gone.map(({ id }) => id))).toEqual(new Set(['1', '2']));
  });

  it('R5: gives rows that meet the conditions; one that does not any more is gone', async () => {
    await backend.sql`insert into cities values (1, 'a'), (2, 'b,"'), (3, 'c')`;
    const since = await cursorOf(clients.sara, 'cities');
    await backend.sql`update cities set name = upper(name) where id = 1`;
    await backend.sql`update cities set name = name`;
    const named = async (operator: string, value: unknown) => {
      const { rows, gone } = await ask(clients.sara, { table_name: 'cities', since, conditions: [{ column: 'name', operator, value }] });
      return [rows.map(({ id }) => id).sort(), gone.map(({ id }) => id).sort()];
    };
    expect(await named('eq', 'A')).toEqual([[1], ['2', '3']]);
    expect(await named('in', ['b,"', 'A'])).toEqual([[1, 2], ['3']]);
    expect(await named('neq', 'A')).toEqual([[2, 3], ['1']]);
    expect(await named('gte', 'b')).toEqual([[2, 3], ['1']]);
    expect(await named('in', [])).toEqual([[], ['1', '2', '3']]);
    expect(await refusal(clients.sara, { table_name: 'cities', since, conditions: [{ column: 'name', operator: '; drop', value: 1 }] })).toEqual([400, '22023']);
  });

  it('tells an unknown table and one that is not tracked by 42P01', async () => {
    expect(await refusal(clients.service, { table_name: 'untracked' })).toEqual([404, '42P01']);
    expect(await refusal(clients.service, { table_name: 'nowhere' })).toEqual([404, '42P01']);
  });

  it('names composite keys by column, as exact texts, whatever they are called', async () => {
    await backend.sql`insert into "Odd ""names""" values (9007199254740993, 'أ', '2026-01-01', 1.10), (1, 'b', '2026-01-01', 2)`;
    const table_name = 'Odd "names"';
    const since = await cursorOf(clients.service, table_name);
    await backend.sql`update "Odd ""names""" set amount = 12345678901234567890.10`;
    const { rows } = await ask(clients.service, { table_name, since, columns: ['"the key"::text', 'select', 'exact:amount::text'] });
    expect(rows).toEqual(expect.arrayContaining([{ 'the key': '9007199254740993', select: 'أ', exact: '12345678901234567890.10' }]));
    await backend.sql`delete from "Odd ""names""" where "the key" > 1`;
    const known = [['أ', '9007199254740993', '2026-01-01T00:00:00+00:00'], ['b', '1', '2026-01-01T00:00:00+00:00']];
    expect(await ask(clients.service, { table_name, since, known })).toMatchObject({ gone: [{ select: 'أ', 'the key': '9007199254740993', at: '2026-01-01T00:00:00+00:00' }] });
  });

  it('finds the transaction that commits late, though later numbers were read before', async () => {
    const epoch = (await cursorOf(clients.service, 'cities')).split('/')[0] ?? '';
    const [early] = await backend.sql<{ xid: string }>`insert into cities values (1, 'late') returning pg_current_xact_id()::text as xid`;
    const [late] = await backend.sql<{ xid: string }>`insert into cities values (2, 'early') returning pg_current_xact_id()::text as xid`;
    // A snapshot from while the first was under way and the second was done.
    const since = `${epoch}/${early?.xid}:${Number(late?.xid) + 1}:${early?.xid}`;
    expect(await ask(clients.service, { table_name: 'cities', since })).toMatchObject({ reset: false, rows: [{ id: 1, name: 'late' }] });
  });
});

describe('a cursor that is good no more starts over', () => {
  const isReset = async (since: string, table_name = 'notes') => (await ask(clients.service, { table_name, since })).reset;

  it('after a TRUNCATE', async () => {
    const since = await cursorOf(clients.service, 'notes');
    await backend.sql`truncate notes`;
    expect(await isReset(since)).toBe(true);
    expect(await isReset(await cursorOf(clients.service, 'notes'))).toBe(false);
  });

  it('when more was written than is kept, and only then', async () => {
    await backend.sql`select ruwad.track_changes('public.notes', keep_rows => 50)`;
    const old = await cursorOf(clients.service, 'notes');
    await backend.sql`insert into notes select i, null, i from generate_series(1, 100) i`;
    const young = await cursorOf(clients.service, 'notes');
    await backend.sql`insert into notes select i, null, i from generate_series(101, 150) i`;
    expect(await isReset(old)).toBe(false);
    expect(await backend.sql`select ruwad.prune_changes('public.notes') as pruned`).toEqual([{ pruned: '100' }]);
    expect(await isReset(old)).toBe(true);
    const { reset, rows } = await ask(clients.service, { table_name: 'notes', since: young });
    expect([reset, rows.length]).toEqual([false, 50]);
  });

  it('when it is older than what is kept', async () => {
    const since = await cursorOf(clients.service, 'notes');
    await backend.sql`insert into notes values (1, null, 1)`;
    await backend.sql`update ruwad.public__notes set at = at - interval '1 day'`;
    await backend.sql`select ruwad.prune_changes('public.notes')`;
    expect(await isReset(since)).toBe(true);
  });

  it('when the log was lost in a crash, came with a dump, or is that of another life', async () => {
    const since = await cursorOf(clients.service, 'notes');
    await backend.sql`update ruwad.log_state set home = 'elsewhere'`;
    expect(await isReset(since)).toBe(true);
    const next = await cursorOf(clients.service, 'notes');
    await backend.sql`delete from ruwad.log_state`;
    expect(await isReset(next)).toBe(true);
    const [epoch] = (await cursorOf(clients.service, 'notes')).split('/');
    expect(await isReset(`${epoch}/900000000:900000000:`)).toBe(true);
  });

  it('the log stays bounded by itself', async () => {
    await backend.sql`select ruwad.track_changes('public.notes', keep_rows => 100)`;
    for (let n = 0; n < 60; n += 1) await backend.sql(`insert into notes select i, null, i from generate_series(${n * 100}, ${n * 100 + 99}) i`);
    const [log] = await backend.sql<{ kept: number }>`select count(*)::int as kept from ruwad.public__notes`;
    expect(log?.kept).toBeGreaterThanOrEqual(100);
    expect(log?.kept).toBeLessThanOrEqual(100 + 1_100);
  });
});

describe('tracking', () => {
  it('goes on through a repeated call, begins anew when the key changes, and lets go of the table', async () => {
    await backend.sql('create table moods (id int primary key, at timestamptz)');
    await backend.sql`select ruwad.track_changes('public.moods')`;
    const since = await cursorOf(clients.service, 'moods');
    await backend.sql`insert into moods values (1)`;
    await backend.sql`select ruwad.track_changes('public.moods', keep_rows => 7)`;
    expect(await ask(clients.service, { table_name: 'moods', since })).toMatchObject({ reset: false, rows: [{ id: 1 }] });
    await backend.sql('alter table moods rename to tempers');
    await backend.sql('alter table tempers rename id to number');
    await backend.sql`select ruwad.track_changes('public.tempers')`;
    await backend.sql`insert into tempers values (2)`;
    expect((await ask(clients.service, { table_name: 'tempers', since })).rows).toHaveLength(2);
    await backend.sql('alter table tempers rename to moods');
    // Whoever forgets hears of it when migrating, not when writing.
    await expect(backend.sql('alter table moods alter column number type bigint')).rejects.toThrow('policy');
    await backend.sql('alter table moods drop constraint moods_pkey');
    await backend.sql('alter table moods add column mood text primary key default gen_random_uuid()');
    await backend.sql`select ruwad.track_changes('public.moods')`;
    expect(await ask(clients.service, { table_name: 'moods', since })).toMatchObject({ reset: true });
    await backend.sql`select ruwad.untrack_changes('public.moods')`;
    await backend.sql('drop table moods');
    expect(await refusal(clients.service, { table_name: 'moods', since })).toEqual([404, '42P01']);
  });

  it('R4: begins anew when the key becomes another column of its type, whatever its name', async () => {
    await backend.sql('create table pairs (id int primary key, other int not null unique)');
    await backend.sql`insert into pairs values (1, 2), (2, 1)`;
    await backend.sql`select ruwad.track_changes('public.pairs', public_keys => true)`;
    const since = await cursorOf(clients.service, 'pairs');
    await backend.sql`update pairs set other = 3 where id = 1`;
    await backend.sql('alter table pairs drop constraint pairs_pkey');
    await backend.sql('alter table pairs rename id to former');
    await backend.sql('alter table pairs rename other to id');
    await backend.sql('alter table pairs add primary key (id)');
    await backend.sql`select ruwad.track_changes('public.pairs', public_keys => true)`;
    expect((await ask(clients.service, { table_name: 'pairs', since })).reset).toBe(true);
    await backend.sql`select ruwad.untrack_changes('public.pairs')`;
    await backend.sql('drop table pairs');
  });

  it.each([true, false])('has the table neither dropped nor its key given another type before it is untracked (public keys: %s)', async (public_keys) => {
    await backend.sql('create table places (id int primary key, n int)');
    await backend.sql(`select ruwad.track_changes('public.places', public_keys => ${String(public_keys)})`);
    await expect(backend.sql('alter table places alter column id type text')).rejects.toThrow('policy');
    await expect(backend.sql('drop table places')).rejects.toThrow('depend');
    // Whoever insists can begin again.
    await backend.sql('drop table places cascade');
    await backend.sql('create table places (id text primary key)');
    await backend.sql`select ruwad.track_changes('public.places')`;
    await backend.sql`insert into places values ('a')`;
    expect(await backend.sql`select k1 from ruwad.public__places`).toEqual([{ k1: 'a' }]);
    expect(await backend.sql`select count(*)::int as dead from ruwad.tracked_tables t where not exists (select from pg_class c where c.oid = t.rel)`).toEqual([{ dead: 0 }]);
    await backend.sql`select ruwad.untrack_changes('public.places')`;
    await backend.sql('drop table places');
  });

  it('refuses what has no primary key', async () => {
    await backend.sql('create view watched as select 1 as id');
    await expect(backend.sql`select ruwad.track_changes('public.watched')`).rejects.toThrow('it is no table with a primary key');
  });
});

interface Write {
  ids: number[];
  kind: 'put' | 'give' | 'delete' | 'swap' | 'truncate';
  n: number;
  owner: string;
  undone: boolean;
}
const write: fc.Arbitrary<Write> = fc.record({
  ids: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 }),
  kind: fc.constantFrom('put', 'put', 'put', 'give', 'delete', 'swap', 'truncate'),
  n: fc.nat(3),
  owner: fc.constantFrom(sara.id ?? '', omar.id ?? ''),
  undone: fc.boolean(),
});
const sqlOf = ({ ids, kind, n, owner }: Write): string => {
  const list = ids.join(',');
  if (kind === 'put') return `insert into notes select id, '${owner}', ${n} from unnest(array[${list}]) id on conflict (id) do update set n = excluded.n`;
  if (kind === 'give') return `update notes set owner = '${owner}' where id in (${list})`;
  if (kind === 'swap') return `update notes set id = 10 + id where id in (${list}) and not exists (select from notes where id > 9)`;
  return kind === 'delete' ? `delete from notes where id in (${list}) or id > 9` : 'truncate notes';
};

describe('a reader that catches up now and then, in pages of any size', () => {
  it('R4: has the rows that SQL gives its person, whatever was written in between', async () => {
    const run = fc.record({ steps: fc.array(fc.oneof({ weight: 3, arbitrary: write }, { weight: 1, arbitrary: fc.constant('read' as const) }), { maxLength: 12 }), page_size: fc.integer({ min: 1, max: 5 }), publicKeys: fc.boolean() });
    const property = fc.asyncProperty(run, async ({ steps, page_size, publicKeys }) => {
      await backend.sql(`select ruwad.track_changes('public.notes', public_keys => ${String(publicKeys)})`);
      const conditions = [{ column: 'n', operator: 'gt', value: 0 }];
      const readAll = () => backend.sqlAs(sara)`select id, owner, n from notes where n > 0`;
      const reader = createReader({
        table: 'notes', key: ['id'], question: { page_size, conditions }, readAll,
        // Without HTTP, for it is the log that is looked at.
        ask: async (question) => {
          const [row] = await backend.sqlAs(sara)<{ answer: ChangesAnswer }>(
            'select public.changes_since($1, $2, conditions => $3, known => $4, page_size => $5) as answer',
            [question.table_name, question.since, JSON.stringify(question.conditions), JSON.stringify(question.known), question.page_size],
          );
          if (row === undefined) throw new Error('no answer');
          return row.answer;
        },
      });
      await reader.catchUp();
      let truncated = 0;
      for (const step of [...steps, 'read' as const]) {
        if (step === 'read') {
          await reader.catchUp();
          expect([...reader.rows.values()].sort((a, b) => Number(a['id']) - Number(b['id']))).toEqual((await readAll()).sort((a, b) => Number(a['id']) - Number(b['id'])));
        } else {
          await backend.server.sql(step.undone ? `do $$ begin begin ${sqlOf(step)}; raise exception 'undone'; exception when raise_exception then end; end $$` : sqlOf(step));
          if (!step.undone && step.kind === 'truncate') truncated += 1;
        }
      }
      // Only a TRUNCATE costs a whole read.
      expect(reader.snapshots).toBeLessThanOrEqual(1 + truncated);
    });
    await fc.assert(property, { numRuns: deepRuns({ usual: 100, deep: 3_000 }) });
  }, deepRuns({ usual: 60_000, deep: 600_000 }));
});
