import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLogger, type Logger } from '../logger.ts';
import type { Database } from './database.ts';
import { pgliteDatabase } from './pgliteDatabase.ts';
import { startPglite } from './startPglite.ts';

/** Options of {@link openDatabase}. */
export interface OpenDatabaseOptions {
  /** Data directory; `null` for a database in memory that ends with the process. */
  dataDir: string | null;
  /** Folder of `*.sql` files, run in name order; `null` for none. @defaultValue `null` */
  migrations?: string | null;
  /** File run once after the migrations of a new database; `null` for none. @defaultValue `null` */
  seed?: string | null;
  /** Folder of the SQL every Supabase project starts with. @defaultValue the package's `sql` folder */
  baselineDir?: string;
  logger?: Logger;
}

/** Opens an embedded Postgres, bringing a new one up to date with baseline, migrations and seed. */
export async function openDatabase({ dataDir, migrations = null, seed = null, baselineDir = packageSqlDir(), logger = silentLogger }: OpenDatabaseOptions): Promise<Database> {
  const pglite = await startPglite(dataDir === null ? {} : { dataDir });
  const database = pgliteDatabase(pglite, logger);
  for (const folder of [baselineDir, migrations]) {
    if (folder === null) continue;
    for (const file of (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()) {
      const sql = await readFile(join(folder, file), 'utf8');
      await database.transaction((tx) => tx.exec(sql));
    }
  }
  if (seed !== null) await database.exec(await readFile(seed, 'utf8'));
  return database;
}

function packageSqlDir(): string {
  return fileURLToPath(new URL('../../sql', import.meta.url));
}
