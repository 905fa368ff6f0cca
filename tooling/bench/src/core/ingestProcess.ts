// One client in a fresh process, fed with frames: says how much CPU time a frame took, in microseconds.
import { setTimeout as delay } from 'node:timers/promises';
import { RealtimeClient } from '@supabase/supabase-js';
import { createRealtimeClient, decodeFrame, defineChannel } from '@ruwad/realtime-core';
import { cpuOf } from '../measure.ts';
import { BINDING_ID, FakeSocket } from './fakeSocket.ts';
import { makeFrames, makeRows, TABLE } from './rows.ts';

const [, , side] = process.argv;
const TOPIC = 'bench';
const FRAMES = 20_000;
const WARM_UPS = 3;

const options = { params: { apikey: 'x' }, transport: FakeSocket as never }; // as much of a WebSocket as supabase-js uses
let heard = 0;
await (side === 'raw' ? listenRaw() : listenOurs());
const frames = makeFrames(makeRows(FRAMES), TOPIC, BINDING_ID);
const socket = FakeSocket.last;
const feedAll = (): Promise<void> => {
  for (const frame of frames) socket?.feed(frame);
  return Promise.resolve();
};
for (let round = 0; round < WARM_UPS; round += 1) await feedAll();
globalThis.gc?.();
heard = 0;
const costs = [await cpuOf(feedAll, FRAMES), await cpuOf(feedAll, FRAMES), await cpuOf(feedAll, FRAMES)];
if (heard !== 3 * FRAMES) throw new Error(`${side ?? ''} heard ${heard} of ${3 * FRAMES} changes`);
process.send?.(costs.sort((a, b) => a - b)[1]);
process.disconnect();
process.exit();

/** supabase-js alone: a callback for the changes of a table. */
async function listenRaw(): Promise<void> {
  const channel = new RealtimeClient('ws://localhost/realtime/v1', options).channel(TOPIC);
  await new Promise<void>((resolve) => {
    channel.on('postgres_changes', { event: '*', schema: 'public', table: TABLE }, ({ eventType }) => { heard += eventType.length > 0 ? 1 : 0; }).subscribe((status) => {
      if ((status as string) === 'SUBSCRIBED') resolve();
    });
  });
}

/** The SDK on it: decoded, validated, typed, as an observable. */
async function listenOurs(): Promise<void> {
  if (side === 'compiled') await import('zod/compile');
  const { challengeRow } = await import('./rowCheck.ts');
  const realtime = createRealtimeClient({ supabase: new RealtimeClient('ws://localhost/realtime/v1', { ...options, decode: decodeFrame }) });
  const channel = realtime.channel(defineChannel({ name: 'bench', topic: TOPIC, tables: { [TABLE]: { row: challengeRow } } }));
  channel.invalid$.subscribe((invalid) => { throw new Error(JSON.stringify(invalid)); });
  channel.changes$(TABLE).subscribe(({ type }) => { heard += type.length > 0 ? 1 : 0; });
  while (channel.store.get().status !== 'live') await delay(1);
}
