import { contest, cpuOf } from '../measure.ts';
import { rateLine, type Line } from '../report.ts';
import { startFloorServer } from './floorServer.ts';
import { uuid } from './rows.ts';
import { join, type Workshop } from './workshop.ts';

const CLIENTS = 1_000;
const ROUNDS = 9;

/** Each size: messages a round, and how many of them arrive together. */
const SIZES = [
  { what: 'broadcast to 1,000 clients', bursts: 20, size: 1, atLeast: 0.9 },
  { what: 'broadcast to 1,000 clients in bursts of 10', bursts: 3, size: 10, atLeast: 1.8 },
];

/**
 * Broadcast: one client sends, a thousand receive. The floor relays with `ws.send(same buffer)`, message by message,
 * and knows neither rooms nor rights.
 */
export async function fanOut({ crowd, socketUrl }: Workshop): Promise<Line[]> {
  const floor = await startFloorServer();
  // About 300 bytes, a cursor or a chat message.
  const payload = { type: 'broadcast', event: 'message', payload: { id: uuid(1), body: 'x'.repeat(200) } };
  const frame = JSON.stringify([null, null, 'realtime:fan-out', 'broadcast', payload]);
  await crowd.open('ours', { url: socketUrl, openings: Array.from({ length: CLIENTS + 1 }, () => join('fan-out')), ready: 'phx_reply' });
  await crowd.open('floor', { url: floor.url, openings: Array.from({ length: CLIENTS + 1 }, () => null) });
  const lines: Line[] = [];
  for (const { what, bursts, size, atLeast } of SIZES) {
    const deliveries = bursts * size * CLIENTS;
    const side = (group: string) => () => cpuOf(() => crowd.broadcast(group, { frame, bursts, size }), deliveries);
    lines.push(rateLine({ goal: 'G8', what, unit: 'µs' }, await contest({ ours: side('ours'), floor: side('floor'), rounds: ROUNDS }), atLeast));
  }
  await Promise.all([crowd.close('ours'), crowd.close('floor')]);
  floor.close();
  return lines;
}
