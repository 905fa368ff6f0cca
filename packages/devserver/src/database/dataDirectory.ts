import type { PGlite } from '@electric-sql/pglite';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DevServerError, messageOf } from '../errors.ts';
import { tryLock } from './fileLock.ts';
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
    await mkdir(dataDir, { recursive: true });
    return tryLock(join(dataDir, LOCK_FILE));
  });
  if (attempt.held) return attempt.release;
  const { pid, since } = attempt.holder;
  throw new DevServerError('data-dir/locked', `the data directory ${dataDir} is in use by process ${pid} since ${since}; stop that process, or use another data directory`);
}

async function openClaimed({ dataDir, reset, baseline, image }: DataDirectoryOptions): Promise<PGlite> {
  const folder = join(dataDir, POSTGRES_FOLDER);
  if (reset) await orUnreadable(dataDir, `remove ${folder} by hand`, () => rm(folder, { recursive: true, force: true }));
  if (!existsSync(folder)) {
    const tar = await image();
    await orUnreadable(dataDir, 'use another folder', () => create(folder, tar, baseline));
  }
  return orUnreadable(dataDir, 'start with --reset to create it anew (its rows are lost)', async () => {
    const found = await readFile(join(folder, BASELINE_FILE), 'utf8');
    if (found !== baseline) {
      throw new DevServerError('data-dir/outdated', `the database in ${dataDir} was made by another version of the dev server; start with --reset to create it anew (its rows are lost), or use another data directory`);
    }
    return startPglite({ dataDir: folder });
  });
}

/** Renamed into place when it is whole, so that a start that was cut off leaves no half database. */
async function create(folder: string, image: Blob, baseline: string): Promise<void> {
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  const pglite = await startPglite({ dataDir: draft, image });
  await pglite.close();
  await writeFile(join(draft, BASELINE_FILE), baseline);
  await rename(draft, folder);
}

async function orUnreadable<T>(dataDir: string, advice: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof DevServerError) throw error;
    throw new DevServerError('data-dir/unreadable', `cannot use the data directory ${dataDir}: ${messageOf(error)}; ${advice}`, { cause: error });
  }
}
