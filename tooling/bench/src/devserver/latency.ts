import type { WebSocket } from 'ws';
import { percentile } from '../measure.ts';
import type { Line } from '../report.ts';
import { NOTIFYING, type Bare } from './bareCapture.ts';
import { startFloorServer } from './floorServer.ts';
import { openClient } from './openClient.ts';
import { bareOf, insertRow, oursOf, updateRow, type Run } from './rows.ts';
import { join, SUBSCRIBED, type Workshop } from './workshop.ts';

const WRITES = 1_500;
const WARM_UP = 200;

/**
 * From a write to its client, by the clock, one at a time and in turn: our server with one subscriber, and a bare
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
  const times = { ours: [] as number[], floor: [] as number[] };
  for (let n = -WARM_UP; n < WRITES; n += 1) {
    const pair = { ours: await timed(ours, oursOf(server), 'challenges'), floor: await timed(theirs, bareOf(pglite), NOTIFYING) };
    if (n < 0) continue;
    times.ours.push(pair.ours);
    times.floor.push(pair.floor);
  }
  await unlisten();
  ours.terminate();
  floor.close();
  return [
    { share: 0.5, name: 'p50', atMost: 1.5 },
    { share: 0.99, name: 'p99', atMost: 2 },
  ].map(({ share, name, atMost }) => {
    const [own, least] = [percentile(times.ours, share), percentile(times.floor, share)];
    return { goal: 'G9', what: `write → client, ${name}`, unit: 'ms', ours: own, floor: least, ratio: own / least, limit: { atMost } };
  });
}

/** Milliseconds from sending the statement to receiving its frame. */
async function timed(socket: WebSocket, run: Run, table: string): Promise<number> {
  const received = new Promise<number>((resolve) => socket.once('message', () => resolve(performance.now())));
  const began = performance.now();
  await updateRow(run, table, 2);
  return (await received) - began;
}
