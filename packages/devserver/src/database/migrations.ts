import { createHash } from 'node:crypto';
import { DevServerError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Database, Tx } from './database.ts';
import { runSqlFile, type SqlFile } from './sqlFiles.ts';
import { splitStatements } from './sqlStatements.ts';

/** The bookkeeping of the Supabase CLI, table for table. */
const BOOKKEEPING = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
  create table if not exists supabase_migrations.seed_files (path text primary key, hash text not null);
`;

interface AppliedMigration {
  version: string;
  statements: string[] | null;
}

/**
 * Runs the migrations this database has not seen, each in a transaction with its record.
 * Warns about an applied file whose statements changed since: the database keeps what it had.
 */
export async function applyMigrations(database: Database, files: readonly SqlFile[], logger: Logger): Promise<void> {
  await keepBooks(database);
  const rows = await database.query<AppliedMigration>('select version, statements from supabase_migrations.schema_migrations');
  const applied = new Map(rows.map((row) => [row.version, row.statements]));
  for (const { version, name, file } of versioned(files)) {
    const statements = splitStatements(file.text).map((statement) => statement.text);
    if (!applied.has(version)) {
      await database.transaction(async (tx) => {
        await runSqlFile(tx, file, 'migration/failed');
        await tx.query('insert into supabase_migrations.schema_migrations values ($1, $2, $3)', [version, statements, name]);
      });
      logger.debug('migration applied', { file: file.name });
    } else if (JSON.stringify(applied.get(version)) !== JSON.stringify(statements)) {
      logger.warn(`${file.path} changed after it was applied; the database keeps the old version (add a new migration, or start with --reset)`);
    }
  }
}

/** Asked first, because DDL makes the server look at every table again, even where it changes nothing. */
async function keepBooks(database: Database): Promise<void> {
  const [books] = await database.query<{ kept: boolean }>(`select to_regclass('supabase_migrations.seed_files') is not null as kept`);
  if (books?.kept !== true) await database.exec(BOOKKEEPING);
}

/** Runs the seed of a new database and records it. */
export async function applySeed(database: Database, file: SqlFile): Promise<void> {
  await database.transaction(async (tx) => {
    await runSqlFile(tx, file, 'seed/failed');
    await tx.query('insert into supabase_migrations.seed_files values ($1, $2)', [file.name, seedHash(file)]);
  });
}

/** Warns when the seed is not the one the database was made with. */
export async function checkSeed(tx: Tx, file: SqlFile, logger: Logger): Promise<void> {
  const [seeded] = await tx.query<{ hash: string }>('select hash from supabase_migrations.seed_files where path = $1', [file.name]);
  if (seeded?.hash !== seedHash(file)) {
    logger.warn(`${file.path} is not what this database was created with; a seed runs only into a new database (start with --reset)`);
  }
}

function seedHash(file: SqlFile): string {
  return createHash('sha256').update(file.text).digest('hex');
}

/** `20240131120000_add_ideas.sql` is version `20240131120000`; a name without leading digits is its own version. */
function versioned(files: readonly SqlFile[]): { version: string; name: string; file: SqlFile }[] {
  const owners = new Map<string, SqlFile>();
  return files.map((file) => {
    const [, digits, rest] = /^(\d+)_(.*)\.sql$/.exec(file.name) ?? [];
    const name = file.name.replace(/\.sql$/, '');
    const version = digits ?? name;
    const owner = owners.get(version);
    if (owner !== undefined) {
      throw new DevServerError('migration/failed', `${owner.path} and ${file.path} have the same version ${version}; rename one of them`);
    }
    owners.set(version, file);
    return { version, name: rest ?? name, file };
  });
}
