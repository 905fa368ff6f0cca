import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { supabaseFile } from './schemaDatabase.ts';
import { createReader, type ChangesAnswer, type ChangesQuestion, type Reader } from './support/changeLogReader.ts';
import { deepRuns } from './support/deep.ts';
import { findPostgres, startPostgres, type Postgres } from './support/postgres.ts';

// The embedded Postgres has one connection; what several transactions at once do to the log takes a real server.
const bin = findPostgres();
const title = 'the change log on a PostgreSQL server';

if (bin === null) describe(title, () => it.skip('is not tested: no PostgreSQL 15 or later was found on this machine (POSTGRES_BIN names the folder of its programs)'));
else describe(title, () => { testOn(bin); });

function testOn(folder: string): void {
  let postgres: Postgres;
  let sql: Client;
  const connections: Client[] = [];
  /** Connections of the test under way; their transactions end with it. */
  const sessions: Client[] = [];
  beforeAll(async () => {
    postgres = await startPostgres(folder);
    sql = await open();
    // As a project's migration: by a role that is no superuser.
    await sql.query(readFileSync(supabaseFile('optional/change_log.sql'), 'utf8'));
    await sql.query('create table notes (id int primary key, n int)');
    await sql.query(`select ruwad.track_changes('public.notes', public_keys => true)`);
  });
  afterAll(async () => {
    await Promise.all(connections.map((client) => client.end().catch(() => undefined)));
    await postgres.stop();
  });
  afterEach(() => Promise.all(sessions.splice(0).map((client) => client.end())));

  async function open(): Promise<Client> {
    const client = await postgres.connect();
    connections.push(client);
    return client;
  }
  async function session(): Promise<Client> {
    const client = await postgres.connect();
    sessions.push(client);
    return client;
  }
  const readAll = async () => (await sql.query<Record<string, unknown>>('select * from notes order by id')).rows;
  const ask = async ({ table_name, since = null, page_size = 500 }: ChangesQuestion) => {
    const { rows } = await sql.query<{ answer: ChangesAnswer }>('select public.changes_since($1, $2, page_size => $3) as answer', [table_name, since, page_size]);
    const [row] = rows;
    if (row === undefined) throw new Error('no answer');
    return row.answer;
  };
  const reader = (page_size = 500): Reader => createReader({ table: 'notes', key: ['id'], question: { page_size }, ask, readAll });
  const rowsOf = ({ rows }: Reader) => [...rows.values()].sort((a, b) => Number(a['id']) - Number(b['id']));

  it('R4: a transaction that commits late is not passed over, nor are others held up by it', async () => {
    const late = await session();
    await sql.query('truncate notes');
    const client = reader();
    await client.catchUp();
    await late.query('begin; insert into notes values (1, 1)');
    await sql.query('insert into notes values (2, 2)');
    await client.catchUp();
    expect(rowsOf(client)).toEqual([{ id: 2, n: 2 }]);
    await late.query('commit');
    await client.catchUp();
    expect([rowsOf(client), client.snapshots]).toEqual([[{ id: 1, n: 1 }, { id: 2, n: 2 }], 1]);
  });

  it('R4: a reader equals the table after each catching up, however transactions interleave', async () => {
    const writers = [await session(), await session(), await session()];
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), session: fc.nat(2), id: fc.nat(3), n: fc.option(fc.nat(9)) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('commit' as const), session: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('rollback' as const, 'savepoint' as const, 'undo' as const, 'release' as const), session: fc.nat(2) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), session: fc.nat(2) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('prune' as const), session: fc.nat(2) }) },
    );
    const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), fc.constantFrom(1, 5, 1_000), async (steps, pageSize, keepRows) => {
      await sql.query('truncate notes');
      await sql.query(`select ruwad.track_changes('public.notes', public_keys => true, keep_rows => ${keepRows})`);
      const client = reader(pageSize);
      await client.catchUp();
      const depth = writers.map(() => 0);
      const check = async () => {
        await client.catchUp();
        expect(rowsOf(client)).toEqual(await readAll());
      };
      for (const { session, ...action } of steps) {
        const writer = writers[session];
        const open = depth[session] ?? 0;
        if (writer === undefined) throw new Error('there are three sessions');
        if (action.do === 'read') await check();
        else if (action.do === 'prune') await sql.query(`select ruwad.prune_changes('public.notes')`);
        else if (action.do === 'write') {
          if (open === 0) await writer.query('begin');
          depth[session] = Math.max(open, 1);
          // Sessions have rows of their own, so that none waits for another.
          const id = session * 10 + action.id;
          if (action.n === null) await writer.query('delete from notes where id = $1', [id]);
          else await writer.query('insert into notes values ($1, $2) on conflict (id) do update set n = excluded.n', [id, action.n]);
        } else if (open > 0) depth[session] = await control(writer, action.do, open);
      }
      for (const writer of writers) await writer.query('commit');
      await check();
    });
    await fc.assert(property, { numRuns: deepRuns({ usual: 150, deep: 5_000 }) });
  }, deepRuns({ usual: 60_000, deep: 900_000 }));

  it('entries that a reader may not have seen are kept, however old, until the transactions beside them end', async () => {
    const late = await session();
    await sql.query('truncate notes');
    await sql.query(`select ruwad.untrack_changes('public.notes'), ruwad.track_changes('public.notes', public_keys => true, keep_rows => 1)`);
    await late.query('begin; insert into notes values (1, 1)');
    const client = reader();
    await client.catchUp();
    for (let id = 10; id < 20; id += 1) await sql.query('insert into notes values ($1, 1)', [id]);
    expect((await sql.query(`select ruwad.prune_changes('public.notes') as pruned`)).rows).toEqual([{ pruned: '0' }]);
    await late.query('commit');
    await client.catchUp();
    expect([rowsOf(client), client.snapshots]).toEqual([await readAll(), 1]);
    expect((await sql.query(`select ruwad.prune_changes('public.notes') as pruned`)).rows).toEqual([{ pruned: '10' }]);
  });

  it('R4: pages that others commit between are followed by what they committed', async () => {
    await sql.query('truncate notes');
    const other = await session();
    const client = reader(10);
    await client.catchUp();
    await sql.query('insert into notes select i, i from generate_series(1, 95) i');
    let page = 0;
    await client.catchUp(async () => {
      page += 1;
      await other.query('delete from notes where id = $1', [page]);
      await other.query('insert into notes values ($1, 0)', [1_000 + page]);
    });
    expect(page).toBe(9);
    await client.catchUp();
    expect([rowsOf(client), client.snapshots]).toEqual([await readAll(), 1]);
  });

  it('R4: writers at full speed and a log that is pruned all the time lose nothing', async () => {
    await sql.query('truncate notes');
    await sql.query(`select ruwad.track_changes('public.notes', public_keys => true, keep_rows => 1500)`);
    const writers = await Promise.all([0, 1, 2].map(() => session()));
    const client = reader(300);
    const state = { writing: true };
    const written = Promise.all(writers.map(async (writer, index) => {
      for (let n = 0; n < deepRuns({ usual: 300, deep: 5_000 }); n += 1) {
        await writer.query('begin');
        await writer.query('insert into notes select i, $1 from generate_series($2::int, $2 + 9) i on conflict (id) do update set n = excluded.n', [n, index * 1_000 + (n % 50) * 10]);
        await writer.query(n % 7 === 0 ? 'rollback' : 'commit');
      }
    })).finally(() => { state.writing = false; });
    while (state.writing) await client.catchUp();
    await written;
    await client.catchUp();
    expect(rowsOf(client)).toEqual(await readAll());
    const { rows } = await sql.query<{ kept: number }>('select count(*)::int as kept from ruwad.public__notes');
    expect(rows[0]?.kept).toBeLessThan(1_500 + 2_000);
  }, deepRuns({ usual: 60_000, deep: 600_000 }));

  it('R4: a cursor from before a dump was put back is good no more, and the next one is', async () => {
    await sql.query('truncate notes; insert into notes values (1, 1), (2, 2)');
    await ask({ table_name: 'notes' });
    const dump = await postgres.program('pg_dump', ['postgres', '--clean', '--if-exists']);
    await sql.query('insert into notes values (99, 99)');
    await sql.query('update notes set n = 5 where id = 1');
    const { cursor: since } = await ask({ table_name: 'notes' });
    await postgres.restore(dump);
    const restored = await ask({ table_name: 'notes', since });
    expect([restored.reset, await readAll()]).toEqual([true, [{ id: 1, n: 1 }, { id: 2, n: 2 }]]);
    await sql.query('insert into notes values (3, 3)');
    expect(await ask({ table_name: 'notes', since: restored.cursor })).toMatchObject({ reset: false, rows: [{ id: 3, n: 3 }] });
  });

  it('a cursor outlives a restart of the server, but neither a crash nor a move to another one', async () => {
    const restart = async (mode: 'fast' | 'immediate') => {
      await postgres.restart(mode);
      sql = await open();
    };
    const since = (await ask({ table_name: 'notes' })).cursor;
    await sql.query('insert into notes values (-1, 1)');
    await restart('fast');
    expect(await ask({ table_name: 'notes', since })).toMatchObject({ reset: false, rows: [{ id: -1, n: 1 }] });

    await restart('immediate');
    const crashed = await ask({ table_name: 'notes', since });
    expect(crashed.reset).toBe(true);
    await sql.query('insert into notes values (-2, 2)');
    expect(await ask({ table_name: 'notes', since: crashed.cursor })).toMatchObject({ reset: false, rows: [{ id: -2, n: 2 }] });

    const dump = await postgres.program('pg_dump', ['postgres']);
    const other = await startPostgres(folder);
    try {
      await other.restore(dump);
      const copy = await other.connect();
      const { rows } = await copy.query<{ answer: ChangesAnswer; rows: string }>(`select public.changes_since('notes', $1) as answer, (select count(*) from notes) as rows`, [crashed.cursor]);
      expect([rows[0]?.answer.reset, rows[0]?.rows]).toEqual([true, String((await readAll()).length)]);
      await copy.end();
    } finally {
      await other.stop();
    }
  }, 60_000);
}

/** Ends or nests a transaction; gives how deep it is then. */
async function control(writer: Client, what: 'commit' | 'rollback' | 'savepoint' | 'undo' | 'release', depth: number): Promise<number> {
  if (what === 'commit' || what === 'rollback') {
    await writer.query(what);
    return 0;
  }
  if (what === 'savepoint') {
    await writer.query('savepoint s');
    return depth + 1;
  }
  if (depth === 1) return depth;
  await writer.query(what === 'undo' ? 'rollback to savepoint s; release savepoint s' : 'release savepoint s');
  return depth - 1;
}
