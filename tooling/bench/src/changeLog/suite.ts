import { PGlite } from '@electric-sql/pglite';
import { readFile } from 'node:fs/promises';
import { contest, cpuOf, type Pair } from '../measure.ts';
import { costLine, type Line } from '../report.ts';
import { bareOf, insertRow, updateRow, uuid } from '../devserver/rows.ts';

const ROUNDS = 15;
const WRITES = 100;
const BULK_ROWS = 1_000;
const TABLE_ROWS = 10_000;

const MIGRATION = new URL('../../../../supabase/optional/change_log.sql', import.meta.url);

const SETUP = `
  create role anon; create role authenticated; create role service_role;
  create function make(name text) returns void language plpgsql as $$
  begin
    execute format('create table %I (id uuid primary key, title text not null, body text, status text, priority int4, is_public bool,
      score float8, author_id uuid, created_at timestamptz not null, updated_at timestamptz, metadata jsonb)', name);
    execute format('create index on %I (created_at)', name);
  end $$;
  select make('plain'), make('logged'), make('big')`;

/** What the change log costs those who write, and what an answer costs beside reading the table. */
export async function changeLog(): Promise<{ cases: Record<string, () => Promise<Line[]>>; close: () => Promise<void> }> {
  const pglite = await PGlite.create();
  await pglite.exec(SETUP);
  await pglite.exec(await readFile(MIGRATION, 'utf8'));
  await pglite.exec(`select ruwad.track_changes('public.logged', keep_rows => 5000), ruwad.track_changes('public.big', public_keys => true)`);
  return { cases: { writes: () => writes(pglite), answers: () => answers(pglite) }, close: () => pglite.close() };
}

async function writes(pglite: PGlite): Promise<Line[]> {
  const run = bareOf(pglite);
  let next = 0;
  const singles = async (table: string): Promise<number> => {
    const first = (next += WRITES);
    return cpuOf(async () => {
      for (let n = first; n < first + WRITES; n += 1) {
        await insertRow(run, table, n);
        await updateRow(run, table, n);
      }
    }, WRITES * 2);
  };
  const bulk = (table: string): Promise<number> =>
    cpuOf(() => pglite.exec(`insert into ${table} (id, title, created_at) select gen_random_uuid(), 'a title', now() from generate_series(1, ${BULK_ROWS})`), BULK_ROWS);
  const beside = (each: (table: string) => Promise<number>): Promise<Pair[]> => contest({ ours: () => each('logged'), floor: () => each('plain'), rounds: ROUNDS });
  return [
    costLine({ goal: '', what: 'writes of one row, logged beside not', unit: 'µs/write' }, await beside(singles), null),
    costLine({ goal: '', what: `inserts of ${String(BULK_ROWS)} rows, logged beside not`, unit: 'µs/row' }, await beside(bulk), null),
  ];
}

/** Of a table whose rows a client holds, some changed: what it costs the database to tell which, beside giving all rows. */
async function answers(pglite: PGlite): Promise<Line[]> {
  const run = bareOf(pglite);
  for (let n = 0; n < TABLE_ROWS; n += 1) await insertRow(run, 'big', n);
  const cursor = async (): Promise<string> => (await pglite.query<{ cursor: string }>(`select changes_since('big') ->> 'cursor' as cursor`)).rows[0]?.cursor ?? '';
  const all = (): Promise<number> => cpuOf(() => pglite.query('select json_agg(b) from big b'), 1);
  const told = (changed: number) => async (): Promise<number> => {
    const since = await cursor();
    await pglite.query('update big set score = random() where id = any($1)', [Array.from({ length: changed }, (_, n) => uuid(n))]);
    return cpuOf(() => pglite.query(`select changes_since('big', $1)`, [since]), 1);
  };
  const lines: Line[] = [];
  for (const changed of [0, 10, 500]) {
    lines.push(costLine({ goal: '', what: `${String(changed)} of ${String(TABLE_ROWS)} rows changed: the answer beside the table`, unit: 'µs' }, await contest({ ours: told(changed), floor: all, rounds: ROUNDS }), null));
  }
  return lines;
}
