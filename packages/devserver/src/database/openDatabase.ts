import { join } from 'node:path';
import { packageFolder } from '../lib/packageFolder.ts';
import { silentLogger, type Logger } from '../logger.ts';
import { openDataDirectory } from './dataDirectory.ts';
import type { Database } from './database.ts';
import { defaultCacheDir, imageCache, noCache } from './imageCache.ts';
import { applyMigrations, checkSeed } from './migrations.ts';
import { pgliteDatabase } from './pgliteDatabase.ts';
import { baselineKey, projectImage, type Project } from './projectImage.ts';
import { readSqlFile, readSqlFolder, readSqlPaths } from './sqlFiles.ts';
import { startPglite } from './startPglite.ts';

/** Options of {@link openDatabase}. */
export interface OpenDatabaseOptions {
  /** Data directory; `null` for a database in memory that ends with the process. */
  dataDir: string | null;
  /** Folders of `*.sql` files, each run in name order, and single files; `null` for none. @defaultValue `null` */
  migrations?: string | readonly string[] | null;
  /** File run once, after the migrations of a new database; `null` for none. @defaultValue `null` */
  seed?: string | null;
  /** Delete the database in the data directory and make it anew. @defaultValue `false` */
  reset?: boolean;
  /** Folder of the SQL that every Supabase project starts with. @defaultValue the package's `sql` folder */
  baselineDir?: string;
  /** Folder for prebuilt databases; `null` for none. @defaultValue in the `node_modules` of the nearest project */
  cacheDir?: string | null;
  logger?: Logger;
}

/**
 * Opens an embedded Postgres: a new one with baseline, migrations and seed, an existing one with the migrations it has
 * not seen yet.
 * @throws `DevServerError` with a code under `data-dir/`, `baseline/`, `migration/` or `seed/`
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const { dataDir, migrations = null, seed = null, reset = false, baselineDir = join(packageFolder(import.meta.url), 'sql'), cacheDir = defaultCacheDir(), logger = silentLogger } = options;
  const project: Project = {
    baseline: await readSqlFolder(baselineDir, 'baseline/failed'),
    migrations: await readSqlPaths(migrations ?? [], 'migration/unreadable'),
    seed: seed === null ? null : await readSqlFile(seed, 'seed/unreadable'),
  };
  const image = () => projectImage(project, cacheDir === null ? noCache : imageCache(cacheDir, logger), logger);

  // An image was made from exactly these files.
  if (dataDir === null) return pgliteDatabase(await startPglite({ image: await image() }), logger);
  const { pglite, release } = await openDataDirectory({ dataDir, reset, baseline: baselineKey(project), image });
  return broughtUpToDate(closingAlso(pgliteDatabase(pglite, logger), release), project, logger);
}

async function broughtUpToDate(database: Database, { migrations, seed }: Project, logger: Logger): Promise<Database> {
  try {
    await applyMigrations(database, migrations, logger);
    if (seed !== null) await checkSeed(database, seed, logger);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

function closingAlso(database: Database, release: () => Promise<void>): Database {
  return { ...database, close: () => database.close().finally(release) };
}
