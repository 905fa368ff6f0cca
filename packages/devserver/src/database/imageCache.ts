import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { constants } from 'node:zlib';
import { messageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { tryLock } from './fileLock.ts';
import { IMAGE_SUFFIX, readImage, writeImage } from './imageFile.ts';
import { makeFolder } from './makeFolder.ts';

/** Several projects and branches, at about 3 MB each. */
const MOST_IMAGES = 8;
/** No build takes this long. */
const LEFTOVER_MS = 3_600_000;
/** How often a process looks whether the one that builds its image is done. */
const LOOK_AGAIN_MS = 100;

/** Prebuilt data directories (tar), kept between runs because initdb takes seconds. */
export interface ImageCache {
  /** The image of that name, built when it is not there; processes that ask at the same time build it once. */
  get(name: string, build: () => Promise<Blob>): Promise<Blob>;
}

/** Builds every image anew. */
export const noCache: ImageCache = { get: (_name, build) => build() };

/** A cache in a folder. A folder that cannot be used costs time, never the start. */
export function imageCache(folder: string, logger: Logger): ImageCache {
  return {
    get: async (name, build) => {
      const path = join(folder, name + IMAGE_SUFFIX);
      const found = await read(path);
      if (found !== null) return found;
      const release = await lockUnlessBuilt(folder, path, logger);
      if (release === null) return build();
      try {
        // Another process may have built it while this one waited for the lock.
        const image = (await read(path)) ?? (await build());
        await keep(folder, path, image, logger);
        return image;
      } finally {
        await release();
      }
    },
  };
}

/** `node_modules/.cache/ruwad-devserver` of the nearest project above `from`, else a folder for temporary files. */
export function defaultCacheDir(from: string = process.cwd()): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (existsSync(modules)) return join(modules, '.cache', 'ruwad-devserver');
    if (folder === dirname(folder)) return join(tmpdir(), `ruwad-devserver-${process.getuid?.() ?? 'user'}`);
  }
}

/** The right to build, taken when nobody has it; `null` when the folder cannot be written. */
async function lockUnlessBuilt(folder: string, path: string, logger: Logger): Promise<(() => Promise<void>) | null> {
  try {
    await makeFolder(folder);
    for (;;) {
      const attempt = await tryLock(`${path}.lock`);
      if (attempt.held) return attempt.release;
      await delay(LOOK_AGAIN_MS);
    }
  } catch (error) {
    logger.warn(`cannot use the cache ${folder}: ${messageOf(error)}`);
    return null;
  }
}

/** `null` for an image that is not there or does not unpack; the latter is built again over it. */
async function read(path: string): Promise<Blob | null> {
  try {
    const image = await readImage(path);
    const now = new Date();
    // Marks the image as used; a read-only cache is still a cache.
    await utimes(path, now, now).catch(() => undefined);
    return image;
  } catch {
    return null;
  }
}

async function keep(folder: string, path: string, image: Blob, logger: Logger): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeImage(draft, image, constants.Z_BEST_SPEED);
    await rename(draft, path);
    await removeOldest(folder);
  } catch (error) {
    logger.warn(`cannot write to the cache ${folder}: ${messageOf(error)}`);
    await rm(draft, { force: true });
  }
}

/** Keeps the images used last; drafts and locks that a killed process left go when they are old. */
async function removeOldest(folder: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      // A parallel process may have removed it since.
      const used = await stat(path).then(({ mtimeMs }) => mtimeMs, () => 0);
      return { path, used };
    }),
  );
  const images = files.filter(({ path }) => path.endsWith(IMAGE_SUFFIX)).sort((a, b) => b.used - a.used);
  const leftovers = files.filter(({ path, used }) => !path.endsWith(IMAGE_SUFFIX) && used < Date.now() - LEFTOVER_MS);
  await Promise.all([...images.slice(MOST_IMAGES), ...leftovers].map(({ path }) => rm(path, { force: true })));
}
