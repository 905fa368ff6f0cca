import type { WebSocket } from 'ws';
import { percentile, type Pair } from '../measure.ts';
import { costLine, type Line } from '../report.ts';
import { NOTIFYING, type Bare } from './bareCapture.ts';
import { startFloorServer } from './floorServer.ts';
import { openClient } from './openClient.ts';
import { bareOf, insertRow, oursOf, updateRow, type Run } from './rows.ts';
import { join, SUBSCRIBED, type Workshop } from './workshop.ts';

const ROUNDS = 9;
const WRITES = 250;
const SHARES = [
  { share: 0.5, name: 'p50', atMost: 1.5 },
  { share: 0.99, name: 'p99', atMost: 2 },
];

/**
 * From a write to its client, by the clock, one at a time and in turn, percentiles by round: our server with one subscriber, and a bare
 * PGlite whose trigger notifies a listener that sends the payload with `ws`. Clients live in this process, for one clock.
 */
export async function latency({ server, pglite, socketUrl }: Workshop, bare: Bare): Promise<Line[]> {
  const floor = await startFloorServer();
  await bare.table(NOTIFYING);
  await insertRow(oursOf(server), 'challenges', 2);
  await insertRow(bareOf(pglite), NOTIFYING, 2);
  const unlisten = await pglite.listen('bench', (payload) => {
    for (const client of floor.clients()) client.send(`[null,null,"realtime:latency","postgres_changes",{"ids":[1],"data":${payload}}]`);
  });
  const { socket: ours } = await openClient(socketUrl, join('latency', [{ event: 'UPDATE', schema: 'public', table: 'challenges', filter: '' }]), SUBSCRIBED);
  const { socket: theirs } = await openClient(floor.url, null, '');
  const sides = { ours: () => timed(ours, oursOf(server), 'challenges'), floor: () => timed(theirs, bareOf(pglite), NOTIFYING) };
  const rounds: Record<keyof Pair, number[]>[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) rounds.push(await inTurn(sides));
  await unlisten();
  ours.terminate();
  floor.close();
  return SHARES.map(({ share, name, atMost }) => {
    const pairs = rounds.slice(1).map((times): Pair => ({ ours: percentile(times.ours, share), floor: percentile(times.floor, share) })); // the first warms up
    return costLine({ goal: 'G9', what: `write → client, ${name}`, unit: 'ms' }, pairs, atMost);
  });
}

/** The times of a round's writes, each side's turn before the other's as often as after. */
async function inTurn({ ours, floor }: Record<keyof Pair, () => Promise<number>>): Promise<Record<keyof Pair, number[]>> {
  const times: Record<keyof Pair, number[]> = { ours: [], floor: [] };
  for (let n = 0; n < WRITES; n += 1) {
    if (n % 2 === 0) times.ours.push(await ours());
    times.floor.push(await floor());
    if (n % 2 === 1) times.ours.push(await ours());
  }
  return times;
}

/** Milliseconds from sending the statement to receiving its frame. */
async function timed(socket: WebSocket, run: Run, table: string): Promise<number> {
  const received = new Promise<number>((resolve) => socket.once('message', () => resolve(performance.now())));
  const began = performance.now();
  await updateRow(run, table, 2);
  return (await received) - began;
}
