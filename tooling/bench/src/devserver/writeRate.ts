import { setImmediate as turnOver } from 'node:timers/promises';
import { contest, cpuOf, type Contest } from '../measure.ts';
import { rateLine, type Line } from '../report.ts';
import { NOTIFYING, PLAIN, type Bare } from './bareCapture.ts';
import { startFloorServer } from './floorServer.ts';
import { bareOf, insertRow, oursOf, updateRow, type Run } from './rows.ts';
import { join, SUBSCRIBED, type Workshop } from './workshop.ts';

/** Many short turns, so that whatever else the machine does hits both sides alike. */
const ROUNDS = 60;
const WARM_UP = 10;
const WRITES = 50;
/** What is to be left of the rate of the least trigger that delivers. */
const SHARE_OF_LEAST = 0.85;

/**
 * Single-row inserts and updates, each its own transaction, through `server.sql`: what is left of the rate of a bare
 * PGlite without any trigger, while nobody watches the table, while somebody does whose filter never matches, and with
 * delivering; and of a bare trigger that notifies the row to a listener which sends it, without a filter or rights.
 * What of that is a goal, and why: decision 8.
 */
export async function writeRate({ server, pglite, crowd, socketUrl }: Workshop, bare: Bare): Promise<Line[]> {
  await bare.table(PLAIN);
  await bare.table(NOTIFYING);
  const floorServer = await startFloorServer();
  const watch = (table: string, filter?: string) => join(table, [{ event: '*', schema: 'public', table, ...(filter === undefined ? {} : { filter }) }]);
  await crowd.open('watcher', { url: socketUrl, openings: [watch('challenges'), watch('unmatched', 'priority=eq.-1')], ready: SUBSCRIBED });
  await crowd.open('told', { url: floorServer.url, openings: [null] });
  const unlisten = await pglite.listen('bench', (payload) => floorServer.sendToAll(Buffer.from(payload)));
  const plain = () => writes(bareOf(pglite), PLAIN);
  const notifying = () => writes(bareOf(pglite), NOTIFYING);
  const into = (table: string) => () => writes(oursOf(server), table);
  const compare = async (what: string, sides: Pick<Contest, 'ours' | 'floor'>, atLeast: number | null): Promise<Line> =>
    rateLine({ goal: 'G9', what, unit: 'µs/write' }, await contest({ ...sides, rounds: ROUNDS, warmUp: WARM_UP, collects: false }), atLeast);
  const lines = [
    await compare('writes to a published table nobody watches', { ours: into('unwatched'), floor: plain }, 0.85),
    await compare('writes to a watched table, nobody is meant', { ours: into('unmatched'), floor: plain }, null),
    await compare('writes to a watched table, delivered', { ours: into('challenges'), floor: plain }, null),
    await compare('the same beside the least trigger that delivers', { ours: into('challenges'), floor: notifying }, SHARE_OF_LEAST),
    await compare('(the least trigger that delivers, beside none)', { ours: notifying, floor: plain }, null),
  ];
  await unlisten();
  await Promise.all([crowd.close('watcher'), crowd.close('told')]);
  floorServer.close();
  return lines;
}

let written = 1_000_000;

async function writes(run: Run, table: string): Promise<number> {
  const first = written;
  written += WRITES;
  return cpuOf(async () => {
    for (let n = first; n < written; n += 1) {
      await insertRow(run, table, n);
      await updateRow(run, table, n);
    }
    // What was held back is sent, and belongs to its writes.
    await turnOver();
  }, WRITES * 2);
}
