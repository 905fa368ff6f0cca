import { readFile } from 'node:fs/promises';

/**
 * Why recordings do not hold: the rows `| name | reason |` of a table in CONFORMANCE.md, by recording name. A name
 * without version (`04e-…`) stands for both.
 */
export async function readReasons(file: URL): Promise<(name: string) => string | undefined> {
  const text = await readFile(file, 'utf8');
  const reasons = new Map<string, string>();
  for (const [, name, reason] of text.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)) if (name !== undefined && reason !== undefined) reasons.set(name, reason);
  return (name) => reasons.get(name) ?? reasons.get(name.replace(/\.v[12]$/, ''));
}
