import type { PGlite } from '@electric-sql/pglite';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DevServerError, messageOf } from '../errors.ts';
import { tryLock } from './fileLock.ts';
import { makeFolder } from './makeFolder.ts';
import { startPglite } from './startPglite.ts';

const LOCK_FILE = 'lock.json';
const POSTGRES_FOLDER = 'postgres';
/** Inside the Postgres folder: the key of the baseline it was made with. Postgres ignores files it does not know. */
const BASELINE_FILE = 'ruwad-baseline';

/** Options of {@link openDataDirectory}. */
export interface DataDirectoryOptions {
  dataDir: string;
  /** Delete the database that is there first. */
  reset: boolean;
  /** Identity of the baseline that this program needs. */
  baseline: string;
  /** Gives the tar that a new database starts from. */
  image: () => Promise<Blob>;
}

/** A started Postgres and its claim on the folder. */
export interface OpenDataDirectory {
  pglite: PGlite;
  /** To be called after Postgres is closed. */
  release: () => Promise<void>;
}

/**
 * Opens or creates the database in a folder, which belongs to this process until `release`.
 * @throws {@link DevServerError} `data-dir/locked`, `data-dir/outdated`, `data-dir/unreadable`
 */
export async function openDataDirectory(options: DataDirectoryOptions): Promise<OpenDataDirectory> {
  const release = await claim(options.dataDir);
  try {
    return { pglite: await openClaimed(options), release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function claim(dataDir: string): Promise<() => Promise<void>> {
  const attempt = await orUnreadable(dataDir, 'use another folder', async () => {
    await makeFolder(dataDir);
    return tryLock(join(dataDir, LOCK_FILE));
  });
  if (attempt.held) return attempt.release;
  const { pid, since, host } = attempt.holder;
  const elsewhere = host === null || host === hostname() ? '' : ` on ${host}`;
  throw new DevServerError('data-dir/locked', `the data directory ${dataDir} is in use by process ${pid}${elsewhere} since ${since}; stop that process, or use another data directory`);
}

async function openClaimed({ dataDir, reset, baseline, image }: DataDirectoryOptions): Promise<PGlite> {
  const folder = join(dataDir, POSTGRES_FOLDER);
  if (reset || !existsSync(folder)) {
    // Made before the old database goes, so that a migration that fails costs nothing.
    const tar = await image();
    await orUnreadable(dataDir, `remove ${folder} by hand, or use another folder`, () => create(folder, tar, baseline));
  }
  await rm(retired(folder), { recursive: true, force: true }).catch(() => undefined);
  return orUnreadable(dataDir, 'start with --reset to create it anew (its rows are lost)', async () => {
    const found = await readFile(join(folder, BASELINE_FILE), 'utf8');
    if (found !== baseline) {
      throw new DevServerError('data-dir/outdated', `the database in ${dataDir} was made by another version of the dev server; start with --reset to create it anew (its rows are lost), or use another data directory`);
    }
    return startExisting(folder);
  });
}

/** PGlite's own words on a database it cannot start from help nobody: they are kept as the cause. */
async function startExisting(folder: string): Promise<PGlite> {
  return startPglite({ dataDir: folder }).catch((cause: unknown) => {
    throw new Error('Postgres does not start from it, so its files are damaged or not its own', { cause });
  });
}

/** Renamed into place when it is whole, so that a start that is cut off leaves the old database, or none, never a half one. */
async function create(folder: string, image: Blob, baseline: string): Promise<void> {
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  const pglite = await startPglite({ dataDir: draft, image });
  await pglite.close();
  await writeFile(join(draft, BASELINE_FILE), baseline);
  await rm(retired(folder), { recursive: true, force: true });
  if (existsSync(folder)) await rename(folder, retired(folder));
  await rename(draft, folder);
}

/** Where a database waits for its deletion, which takes a while. */
function retired(folder: string): string {
  return `${folder}.old`;
}

async function orUnreadable<T>(dataDir: string, advice: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof DevServerError) throw error;
    throw new DevServerError('data-dir/unreadable', `cannot use the data directory ${dataDir}: ${messageOf(error)}; ${advice}`, { cause: error });
  }
}
