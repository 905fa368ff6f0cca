import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

/** How the file of an image, the tar of a data directory, ends. */
export const IMAGE_SUFFIX = '.tar.gz';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Reads an image; rejects when there is no file or it does not unpack. */
export async function readImage(path: string): Promise<Blob> {
  return new Blob([new Uint8Array(await decompress(await readFile(path)))]);
}

/** Writes an image. @param level of zlib, from 1 for fast to 9 for small */
export async function writeImage(path: string, image: Blob, level: number): Promise<void> {
  await writeFile(path, await compress(await image.arrayBuffer(), { level }));
}
