import { NEVER, Subject } from 'rxjs';
import { expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { createStore } from '../store/store.ts';
import { defineChannel, type BroadcastOf } from './defineChannel.ts';
import { listenChannel, type ChannelHandlers } from './listenChannel.ts';
import type { Broadcast, Channel, ChannelState } from './types.ts';

const room = defineChannel({
  name: 'room',
  topic: 'room',
  tables: { notes: { row: z.object({ id: z.string() }) } },
  broadcasts: { wave: z.object({ by: z.string() }) },
});
type Wave = Broadcast<'wave', BroadcastOf<typeof room, 'wave'>>;
const wave: Wave = { event: 'wave', payload: { by: 'sara' }, meta: {} };

/** A channel of which only the waves ever come. */
function roomOf(waves: Subject<Wave>): Channel<typeof room> {
  const store = createStore<ChannelState>({ status: 'live', previous: null, since: 0, error: null });
  const streams = { status$: store.value$, changes$: () => NEVER, broadcast$: () => waves, presence$: NEVER, invalid$: NEVER };
  return { definition: room, topic: 'room', store, ...streams } as unknown as Channel<typeof room>; // no commands are given here
}

it('calls the handlers of the moment, and none after it was ended', () => {
  const waves = new Subject<Wave>();
  const [first, second] = [vi.fn(), vi.fn()];
  let handlers: ChannelHandlers<typeof room> | undefined = { broadcasts: { wave: first } };
  const end = listenChannel(roomOf(waves), () => handlers);
  waves.next(wave);
  handlers = { broadcasts: { wave: second } };
  waves.next(wave);
  handlers = undefined;
  waves.next(wave);
  handlers = { broadcasts: { wave: second } };
  end();
  waves.next(wave);
  expect([first.mock.calls, second.mock.calls]).toEqual([[[wave]], [[wave]]]);
  expect(waves.observed).toBe(false);
});

it('listens to every part of the definition, whichever handlers there are', () => {
  const channel = roomOf(new Subject<Wave>());
  const asked = vi.spyOn(channel, 'changes$');
  listenChannel(channel, () => undefined)();
  expect(asked.mock.calls).toEqual([['notes']]);
});
