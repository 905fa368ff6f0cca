import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OURS = fileURLToPath(new URL('./recordings', import.meta.url));

/** A file that belongs to recordings, such as fixtures: from their folder, else from ours; `null` when neither has it. */
export function readCompanion(folder: string, name: string): Promise<string | null> {
  return readFile(join(folder, name), 'utf8').catch(() => readFile(join(OURS, name), 'utf8').catch(() => null));
}

/** {@link readCompanion} for a file that must be there. */
export async function requiredCompanion(folder: string, name: string): Promise<string> {
  const text = await readCompanion(folder, name);
  if (text === null) throw new Error(`there is no ${name} in ${folder}`);
  return text;
}
