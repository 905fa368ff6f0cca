import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hasNodeCode } from '../errors.ts';

/**
 * Makes a folder and those above it; one that is there is fine.
 * Not Node's own `recursive`, which in Node 20 goes round for ever where the system says of a folder under an existing
 * one that there is no such thing, as Linux does below `/proc`.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const parent = dirname(resolve(path));
    if (!hasNodeCode(error, 'ENOENT') || (await isFolder(parent))) throw error;
    await makeFolder(parent);
    await makeFolder(path);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isDirectory(), () => false);
}
