// One start in a fresh process: says how much CPU time it took, in milliseconds.
import { PGlite } from '@electric-sql/pglite';
import { startDevServer } from '@ruwad/realtime-devserver';
import { readFile } from 'node:fs/promises';
import { MIGRATIONS } from './workshop.ts';

const [, , side, image = ''] = process.argv;
const before = process.cpuUsage();
const started = side === 'ours' ? await startDevServer({ port: 0, dataDir: null, migrations: MIGRATIONS, seed: null }) : await startBare();
const { user, system } = process.cpuUsage(before);
process.send?.((user + system) / 1000);
await started.close();
process.disconnect();

async function startBare(): Promise<PGlite> {
  const pglite = await PGlite.create({ loadDataDir: new Blob([new Uint8Array(await readFile(image))]) });
  await pglite.query('select 1');
  return pglite;
}
