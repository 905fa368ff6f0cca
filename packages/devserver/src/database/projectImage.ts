import type { PGlite } from '@electric-sql/pglite';
import { createHash } from 'node:crypto';
import type { Logger } from '../logger.ts';
import type { Database } from './database.ts';
import type { ImageCache } from './imageCache.ts';
import { applyMigrations, applySeed } from './migrations.ts';
import { pgliteDatabase } from './pgliteDatabase.ts';
import { packagedImage } from './packagedImage.ts';
import { runSqlFile, type SqlFile } from './sqlFiles.ts';
import { PGLITE_VERSION, startPglite } from './startPglite.ts';

/** Everything a new database is made from. */
export interface Project {
  /** What every Supabase project has before its migrations. */
  baseline: readonly SqlFile[];
  migrations: readonly SqlFile[];
  seed: SqlFile | null;
}

/** Grows when data directories are made another way. */
const LAYOUT = 2;

/** Nobody connects to another database of an embedded Postgres, and every start would copy what new ones are made from. */
const DROP_TEMPLATES = ['update pg_database set datistemplate = false', 'drop database template0', 'drop database template1'];

/** Identifies the Postgres build and the baseline a database was made with. */
export function baselineKey({ baseline }: Pick<Project, 'baseline'>): string {
  return hash([PGLITE_VERSION, LAYOUT, ...baseline.flatMap(({ name, text }) => [name, text])]);
}

/** Tar of a data directory with baseline, migrations and seed. */
export async function projectImage(project: Project, cache: ImageCache, logger: Logger): Promise<Blob> {
  const { migrations, seed } = project;
  if (migrations.length === 0 && seed === null) return baselineImage(project, cache, logger);
  return cache.get(`project-${projectKey(project)}`, async () => {
    const image = await baselineImage(project, cache, logger);
    logger.info('running the migrations and the seed …');
    return dumpAfter(await startPglite({ image }), logger, async (database) => {
      await applyMigrations(database, migrations, logger);
      if (seed !== null) await applySeed(database, seed);
    });
  });
}

async function baselineImage(project: Project, cache: ImageCache, logger: Logger): Promise<Blob> {
  const key = baselineKey(project);
  const packaged = await packagedImage(key);
  if (packaged !== null) return packaged;
  return cache.get(`baseline-${key}`, () => buildBaseline(project, logger));
}

/** Runs initdb and the baseline: seconds. */
export async function buildBaseline({ baseline }: Pick<Project, 'baseline'>, logger: Logger): Promise<Blob> {
  logger.info('creating the database (first start only, takes some seconds) …');
  return dumpAfter(await startPglite({}), logger, async (database) => {
    for (const file of baseline) await database.transaction((tx) => runSqlFile(tx, file, 'baseline/failed'));
    for (const statement of DROP_TEMPLATES) await database.exec(statement);
  });
}

async function dumpAfter(pglite: PGlite, logger: Logger, fill: (database: Database) => Promise<void>): Promise<Blob> {
  try {
    await fill(pgliteDatabase(pglite, logger));
    // So that a start from the image has no log to replay.
    await pglite.exec('checkpoint');
    return await pglite.dumpDataDir('none');
  } finally {
    await pglite.close();
  }
}

/** Seeds speak of `now()`, so that an image with a seed is good for its day. */
function projectKey(project: Project): string {
  const { migrations, seed } = project;
  const day = seed === null ? '' : new Date().toISOString().slice(0, 10);
  const files = [...migrations, ...(seed === null ? [] : [seed])];
  return hash([baselineKey(project), day, ...files.flatMap(({ name, text }) => [name, text])]);
}

function hash(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
