import type { Database, Tx } from '../database/database.ts';

/** Schemas of Postgres and of this server: what they hold is not the project's. */
const OWN_SCHEMAS = ['pg_catalog', 'information_schema', 'supabase_migrations', 'realtime_changes'];

/** A table or sequence; its name is qualified and quoted. */
interface Relation {
  oid: number;
  name: string;
}

/** Rows by table, each as the text of a record, which every type survives; of a sequence its state. */
type Contents = ReadonlyMap<number, readonly string[]>;

/**
 * Keeps the rows of all tables and the state of all sequences as they are now.
 * @returns a function that puts them back: what changed since, and nothing else. Triggers do not fire, and nobody is
 * told. Tables made since are emptied, tables dropped since stay away.
 */
export async function keepRows(db: Database): Promise<() => Promise<void>> {
  const kept = await contentsOf(db, await relations(db));
  return () =>
    db.transaction(async (tx) => {
      const there = await relations(tx);
      const now = await contentsOf(tx, there);
      const changed = ({ oid }: Relation): boolean => !isSame(kept.get(oid), now.get(oid));
      const [tables, sequences] = [there.tables.filter(changed), there.sequences.filter(changed)];
      // Neither triggers nor foreign keys: rows come back in any order, as they were.
      if (tables.length > 0) await tx.exec('set local session_replication_role = replica');
      for (const table of tables) await refill(tx, table, kept.get(table.oid) ?? []);
      for (const { oid, name } of sequences) {
        const [lastValue, isCalled] = kept.get(oid)?.[0]?.split(' ') ?? [];
        if (lastValue !== undefined) await tx.query('select setval($1::regclass, $2::bigint, $3::boolean)', [name, lastValue, isCalled]);
      }
    });
}

async function relations(tx: Tx): Promise<{ tables: Relation[]; sequences: Relation[] }> {
  const found = await tx.query<Relation & { kind: string }>(
    `select c.oid::int as oid, format('%I.%I', nspname, relname) as name, relkind as kind
     from pg_class c join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'S') and relpersistence <> 't' and nspname <> all ($1)`,
    [OWN_SCHEMAS],
  );
  return { tables: found.filter(({ kind }) => kind === 'r'), sequences: found.filter(({ kind }) => kind === 'S') };
}

async function contentsOf(tx: Tx, { tables, sequences }: { tables: readonly Relation[]; sequences: readonly Relation[] }): Promise<Contents> {
  const reads = [
    ...tables.map(({ oid, name }) => `select ${oid}, (select json_agg(t::text) from only ${name} t)`),
    ...sequences.map(({ oid, name }) => `select ${oid}, (select json_build_array(last_value || ' ' || is_called) from ${name})`),
  ];
  if (reads.length === 0) return new Map();
  const found = await tx.query<{ oid: number; contents: string[] | null }>(`select * from (${reads.join(' union all ')}) read(oid, contents)`);
  return new Map(found.map(({ oid, contents }) => [oid, contents ?? []]));
}

function isSame(before: readonly string[] = [], after: readonly string[] = []): boolean {
  return before.length === after.length && before.every((row, at) => row === after[at]);
}

/** Deletes rather than truncates, which would take new files for every table and index, and all tables that refer to it. */
async function refill(tx: Tx, { oid, name }: Relation, rows: readonly string[]): Promise<void> {
  await tx.exec(`delete from only ${name}`);
  if (rows.length === 0) return;
  const columns = await tx.query<{ name: string }>(
    `select quote_ident(attname) as name from pg_attribute where attrelid = $1 and attnum > 0 and not attisdropped and attgenerated = ''`,
    [oid],
  );
  const names = columns.map((column) => column.name);
  await tx.query(
    `insert into ${name} (${names.join(', ')}) overriding system value
     select ${names.map((column) => `(r).${column}`).join(', ')} from (select line::${name} as r from json_array_elements_text($1::json) line offset 0) lines`,
    [JSON.stringify(rows)],
  );
}
