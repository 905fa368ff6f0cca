import { contest, cpuOf } from '../measure.ts';
import { costLine, rateLine, type Line } from '../report.ts';
import { NOTIFYING, type Bare } from './bareCapture.ts';
import { startFloorServer } from './floorServer.ts';
import { bareOf, insertRow, oursOf, updateRow, uuid } from './rows.ts';
import { join, SUBSCRIBED, type Workshop } from './workshop.ts';

const CLIENTS = 1_000;
const FEW = 10;
const ROUNDS = 15;
const CHANGES = 20;

/**
 * An update reaches a thousand clients, whose bindings differ and so have ids of their own: no two frames are equal. The
 * floor knows nothing of them: a bare PGlite whose trigger notifies a listener, which sends a ready buffer of the same
 * length with `ws`. Statement and trigger are in both.
 */
export async function changes({ server, pglite, crowd, socketUrl }: Workshop, bare: Bare): Promise<Line[]> {
  const floor = await startFloorServer();
  await bare.table(NOTIFYING);
  await insertRow(bareOf(pglite), NOTIFYING, 3);
  // What the server does not know of a binding counts for its id all the same.
  const bindings = (n: number) => [{ event: 'UPDATE', schema: 'public', table: 'challenges', n }];
  const change = () => updateRow(oursOf(server), 'challenges', 1);
  await insertRow(oursOf(server), 'challenges', 1);
  await crowd.open('changes', { url: socketUrl, openings: Array.from({ length: CLIENTS }, (_, n) => join('changes', bindings(n))), ready: SUBSCRIBED });
  await crowd.open('frames', { url: floor.url, openings: Array.from({ length: CLIENTS }, () => null) });
  const ours = repeated({ crowd, group: 'changes', frames: CLIENTS, act: change });
  await ours();
  const frame = Buffer.alloc(await crowd.frameBytes('changes'), 'x');
  const unlisten = await pglite.listen('bench', () => { floor.sendToAll(frame); });
  const pairs = await contest({
    ours,
    floor: repeated({ crowd, group: 'frames', frames: CLIENTS, act: () => updateRow(bareOf(pglite), NOTIFYING, 3) }),
    rounds: ROUNDS,
  });
  await unlisten();
  await Promise.all([crowd.close('changes'), crowd.close('frames')]);
  floor.close();
  return [rateLine({ goal: 'G8', what: 'a change to 1,000 clients, ids of their own', unit: 'µs/delivery' }, pairs, 0.75)];
}

/**
 * A change that only one of many is to have: each client watches its own row (`author_id=eq.…`). What it costs must
 * not depend on how many there are; ours is with 1,000 of them, the floor the same server with ten.
 */
export async function ownRows({ server, crowd, socketUrl }: Workshop): Promise<Line[]> {
  const sides = { many_owners: CLIENTS, few_owners: FEW };
  for (const [table, clients] of Object.entries(sides)) {
    const bindings = (n: number) => [{ event: '*', schema: 'public', table, filter: `author_id=eq.${uuid(n)}` }];
    await crowd.open(table, { url: socketUrl, openings: Array.from({ length: clients }, (_, n) => join(table, bindings(n))), ready: SUBSCRIBED });
    await insertRow(oursOf(server), table, 1);
  }
  const side = (group: string) => repeated({ crowd, group, frames: 1, act: () => updateRow(oursOf(server), group, 1), changes: CHANGES * 5, already: 1 });
  const pairs = await contest({ ours: side('many_owners'), floor: side('few_owners'), rounds: ROUNDS });
  await Promise.all(Object.keys(sides).map((group) => crowd.close(group)));
  return [costLine({ goal: 'G8', what: 'a change to one of 1,000 by its filter, beside one of 10', unit: 'µs/change' }, pairs, 1.5)];
}

/** What `changes` are made by, and how many frames a group receives for each of them. */
interface Repeated {
  crowd: Workshop['crowd'];
  group: string;
  frames: number;
  act: () => Promise<unknown>;
  changes?: number;
  /** Frames that it received before. */
  already?: number;
}

/** CPU per frame of making changes one by one, each when the one before has arrived. */
export function repeated({ crowd, group, frames, act, changes: count = CHANGES, already = 0 }: Repeated): () => Promise<number> {
  let total = already;
  return () =>
    cpuOf(async () => {
      for (let n = 0; n < count; n += 1) {
        const arrived = crowd.received(group, (total += frames));
        await act();
        await arrived;
      }
    }, count * frames);
}
