import { fileURLToPath } from 'node:url';
import { openDatabase } from '../src/database/openDatabase.ts';
import { isPostgresError, type Caller, type Database, type QueryResult, type Tx } from '../src/database/database.ts';

/** A file of the project's `supabase` folder. */
export const supabaseFile = (path: string): string => fileURLToPath(new URL(`../../../supabase/${path}`, import.meta.url));

/** The project's own migrations and seed on an embedded Postgres in memory. */
export function openProjectDatabase(): Promise<Database> {
  return openDatabase({ dataDir: null, migrations: supabaseFile('migrations'), seed: supabaseFile('seed.sql') });
}

/** The seeded people. */
export const people = {
  admin: 'a0000000-0000-4000-8000-000000000001',
  sara: 'a0000000-0000-4000-8000-000000000002',
  omar: 'a0000000-0000-4000-8000-000000000003',
  layla: 'a0000000-0000-4000-8000-000000000004',
  noura: 'a0000000-0000-4000-8000-000000000005',
  khalid: 'a0000000-0000-4000-8000-000000000006',
} as const;

export type Person = keyof typeof people | 'anon' | 'service';

/** Who a statement runs as. */
export function as(person: Person): Caller {
  if (person === 'anon') return { role: 'anon', claims: { role: 'anon' } };
  if (person === 'service') return { role: 'service_role', claims: { role: 'service_role' } };
  return { role: 'authenticated', claims: { role: 'authenticated', sub: people[person] } };
}

/** What became of a write that was undone again: `ok` (rows were touched), `nothing` (no row), or the SQLSTATE. */
export async function tryWrite(db: Database, person: Person, sql: string): Promise<string> {
  try {
    const { affectedRows, rows } = await db.runAs(as(person), (tx) => tx.run(sql), { rollback: true });
    return affectedRows > 0 || rows.length > 0 ? 'ok' : 'nothing';
  } catch (error) {
    if (isPostgresError(error)) return error.code;
    throw error;
  }
}

/** Rows as one person reads them; the SQLSTATE when the read is refused. */
export async function tryRead<Row>(db: Database, person: Person, sql: string): Promise<Row[] | string> {
  try {
    return await db.runAs(as(person), (tx): Promise<QueryResult<Row>> => tx.run<Row>(sql), { readOnly: true }).then((result) => result.rows);
  } catch (error) {
    if (isPostgresError(error)) return error.code;
    throw error;
  }
}

/** What the body found, as superuser; everything it wrote is undone. */
export async function undone<T>(db: Database, body: (tx: Tx) => Promise<T>): Promise<T> {
  const undo = new Error('undone on purpose');
  const found: T[] = [];
  await db
    .transaction(async (tx) => {
      found.push(await body(tx));
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  // True by the line that throws `undo`: it comes after the push.
  return found[0] as T;
}
