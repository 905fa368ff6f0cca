import { contest, cpuOf, type Pair } from '../measure.ts';
import { rateLine, type Line } from '../report.ts';
import { NOTIFYING, PLAIN, type Bare } from './bareCapture.ts';
import { bareOf, insertRow, oursOf, updateRow, type Run } from './rows.ts';
import { join, SUBSCRIBED, type Workshop } from './workshop.ts';

const ROUNDS = 15;
/** Long enough a turn for code to be warm again after the garbage collection before it. */
const WRITES = 100;

/**
 * Single-row inserts and updates, each its own transaction, through `server.sql`: what is left of the rate of a bare
 * PGlite. Watched means that a client is subscribed to the table, so that delivering is in it as well.
 */
export async function writeRate({ server, pglite, crowd, socketUrl }: Workshop, bare: Bare): Promise<Line[]> {
  await bare.table(PLAIN);
  await bare.table(NOTIFYING);
  await crowd.open('watcher', { url: socketUrl, openings: [join('writes', [{ event: '*', schema: 'public', table: 'challenges' }])], ready: SUBSCRIBED });
  const unlisten = await pglite.listen('bench', () => undefined);
  const floor = () => writes(bareOf(pglite), PLAIN);
  const rate = (ours: () => Promise<number>): Promise<Pair[]> => contest({ ours, floor, rounds: ROUNDS });
  const subject = (what: string) => ({ goal: 'G9', what, unit: 'µs/write' });
  const lines = [
    rateLine(subject('writes to a watched table'), await rate(() => writes(oursOf(server), 'challenges')), 0.85),
    rateLine(subject('writes to a published table nobody watches'), await rate(() => writes(oursOf(server), 'unwatched')), 0.85),
    rateLine(subject('(a bare trigger that notifies, for comparison)'), await rate(() => writes(bareOf(pglite), NOTIFYING)), null),
  ];
  await unlisten();
  await crowd.close('watcher');
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
  }, WRITES * 2);
}
