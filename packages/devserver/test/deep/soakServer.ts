// A dev server in a process of its own, so that its memory is its alone. Prints `{url, anonKey}`, then every second
// `{heapMB, rssMB, rows}`: the heap after a collection, and how many rows it has inserted into `events`. Ends on SIGTERM.
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startDevServer } from '../../src/index.ts';

const ROWS_PER_SECOND = 5;

const [migrations = ''] = process.argv.slice(2);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void; // true: the flag defines it
const server = await startDevServer({ port: 0, dataDir: null, migrations, seed: null });
const say = (facts: object) => process.stdout.write(`${JSON.stringify(facts)}\n`);
say({ url: server.url, anonKey: server.anonKey });

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
for (let rows = 0; !stopping.signal.aborted; ) {
  for (let n = 0; n < ROWS_PER_SECOND; n += 1) await server.sql('insert into events (id) values ($1)', [(rows += 1)]);
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  say({ heapMB: heapUsed / 1e6, rssMB: rss / 1e6, rows });
  await delay(1_000, undefined, { signal: stopping.signal }).catch(() => undefined);
}
await server.close();
