import * as z from 'zod/mini';
import { expect, test } from 'vitest';
import { createFakeClock } from '../../test/support/fakeClock.ts';
import { fakeConnection } from '../../test/support/fakeWire.ts';
import { createTopicServer } from '../../test/support/topicServer.ts';
import { silentLogger } from '../lib/logger.ts';
import { createChannelRegistry } from './channelRegistry.ts';
import { defineChannel, type ChannelDefinition, type Schemas } from './defineChannel.ts';
import type { Channel, Gap, InvalidPayload } from './types.ts';

const row = z.object({ id: z.string(), v: z.number() });
const message = z.object({ id: z.string() });
const person = z.object({});

function setup() {
  const clock = createFakeClock();
  const server = createTopicServer(clock);
  const connection = fakeConnection(server, clock);
  const registry = createChannelRegistry({ userId: 'sara', wire: server, connection, clock, logger: silentLogger, lingerMs: 1_000, random: () => 0.5 });
  /** Opens a channel, and says what comes over it. */
  const open = async (options: { topic?: string; private?: boolean; tables?: string[]; broadcasts?: Schemas; presence?: boolean }) => {
    const definition = defineChannel({
      name: JSON.stringify(options),
      topic: 'room',
      ...options,
      tables: Object.fromEntries((options.tables ?? []).map((table) => [table, { row }])),
      broadcasts: options.broadcasts ?? {},
      presence: options.presence === true ? person : undefined,
    });
    const channel = registry.get(definition) as unknown as Channel<ChannelDefinition>; // its types are not needed here
    const got: string[] = [];
    const gaps: Gap[] = [];
    const invalid: InvalidPayload[] = [];
    const held = channel.gaps$.subscribe((gap) => gaps.push(gap));
    held.add(channel.invalid$.subscribe((payload) => invalid.push(payload)));
    for (const table of options.tables ?? []) held.add(channel.changes$(table as never).subscribe(({ key }: { key: string }) => got.push(key)));
    for (const event of Object.keys(options.broadcasts ?? {})) held.add(channel.broadcast$(event as never).subscribe(({ payload }: { payload: unknown }) => got.push((payload as { id: string }).id)));
    await clock.advance(1_000);
    return { channel, got, gaps, invalid, status: () => channel.store.get().status, leave: async () => { held.unsubscribe(); await clock.advance(2_000); } };
  };
  return { clock, server, connection, open };
}

test('C7: a public channel whose topic has other tables already gets its own over a topic of their own, and nobody misses anything', async () => {
  const { server, open } = setup();
  const first = await open({ tables: ['a'], broadcasts: { x: message } });
  const second = await open({ tables: ['a', 'b'], broadcasts: { y: message } });
  expect([first.status(), second.status(), server.topics()]).toEqual(['live', 'live', ['room', 'room#2']]);
  server.commit('a', { id: 'a1', v: 0 });
  server.commit('b', { id: 'b1', v: 0 });
  server.broadcast('room', 'x', 'x1');
  server.broadcast('room', 'y', 'y1');
  expect([first.got, second.got, first.gaps, second.gaps]).toEqual([['a1', 'x1'], ['a1', 'b1', 'y1'], [], []]);
  // The one who came first goes; the topic remains for the other, and is there when the first comes back.
  await first.leave();
  server.broadcast('room', 'y', 'y2');
  const again = await open({ tables: ['a'], broadcasts: { x: message } });
  server.commit('a', { id: 'a2', v: 0 });
  expect([second.got.slice(3), again.got, second.gaps, server.joins()]).toEqual([['y2', 'a2'], ['a2'], [], 2]);
  await Promise.all([second.leave(), again.leave()]);
  expect(server.topics()).toEqual([]);
});

test('C7: equal tables share one join, also of one definition whose params give one topic', async () => {
  const { server, open } = setup();
  const channels = [await open({ tables: ['a'] }), await open({ tables: ['a'], broadcasts: { x: message } })];
  server.commit('a', { id: 'a1', v: 0 });
  expect([channels.map(({ got }) => got), server.topics()]).toEqual([[['a1'], ['a1']], ['room']]);
});

test('C7: a private topic is joined again with the tables of both, which is a gap for the first; after a cut they are together at once', async () => {
  const { clock, server, open } = setup();
  const first = await open({ private: true, tables: ['a'] });
  const second = await open({ private: true, tables: ['b'] });
  expect([first.status(), second.status(), server.joins(), first.gaps.map(({ reason }) => reason), second.gaps]).toEqual(['live', 'live', 2, ['rejoined'], []]);
  server.commit('a', { id: 'a1', v: 0 });
  server.commit('b', { id: 'b1', v: 0 });
  expect([first.got, second.got]).toEqual([['a1'], ['b1']]);
  server.cut();
  await clock.advance(5_000);
  expect([first.status(), second.status(), server.joins()]).toEqual(['live', 'live', 3]);
});

test('C7: a table that the server refuses harms its own channel alone', async () => {
  for (const isPrivate of [false, true]) {
    const { clock, server, open } = setup();
    const good = await open({ private: isPrivate, tables: ['a'], broadcasts: { x: message } });
    const bad = await open({ private: isPrivate, tables: ['bad'], broadcasts: { x: message } });
    await clock.advance(600_000);
    expect([good.status(), bad.channel.store.get().error?.code, good.gaps.length]).toEqual(['live', 'channel/subscription-failed', isPrivate ? 1 : 0]);
    expect(server.clashes).toEqual([]);
  }
});

test('C7: presence that the join was made without has it made again; who comes to it later is told who is there', async () => {
  const { server, open } = setup();
  server.present('room', 'omar', true);
  const first = await open({ broadcasts: { x: message } });
  const second = await open({ presence: true });
  const third = await open({ presence: true, broadcasts: { y: message } });
  const present: string[][] = [];
  for (const { channel } of [second, third]) channel.presence$.subscribe((people) => present.push([...people.keys()]));
  expect([present, first.gaps.length, second.gaps.length, server.joins()]).toEqual([[['omar'], ['omar']], 1, 0, 2]);
});

test('C7: of two channels of a topic one shares a presence state, and the other is told so; when the first leaves its state goes', async () => {
  const { clock, server, open } = setup();
  const first = await open({ presence: true });
  const second = await open({ presence: true, broadcasts: { x: message } });
  await first.channel.track({ from: 'first' });
  await expect(second.channel.track({ from: 'second' })).rejects.toMatchObject({ code: 'channel/presence-in-use', retryable: false });
  expect(server.sharedAt('room')).toEqual({ from: 'first' });
  server.cut();
  await clock.advance(5_000);
  expect(server.sharedAt('room')).toEqual({ from: 'first' });
  await first.leave();
  expect([server.sharedAt('room'), server.topics(), second.status()]).toEqual([null, ['room'], 'live']);
  await second.channel.track({ from: 'second' });
  expect(server.sharedAt('room')).toEqual({ from: 'second' });
});

test('P1: the presence calls of all channels of a topic count together, and those of a rejoin afresh', async () => {
  const { clock, server, open } = setup();
  const first = await open({ presence: true });
  const second = await open({ presence: true, broadcasts: { x: message } });
  for (let n = 0; n < 5; n += 1) await first.channel.track({ n });
  await first.leave(); // would be the sixth
  expect(server.sharedAt('room')).toEqual({ n: 4 });
  await clock.advance(31_000);
  expect([server.sharedAt('room'), second.status()]).toEqual([null, 'live']);
});

test('a public channel cannot share the topic of a private one, and says so; for tables alone it need not', async () => {
  const { clock, server, open } = setup();
  const closed = await open({ private: true, broadcasts: { x: message } });
  const tables = await open({ tables: ['a'] });
  const refused = await open({ broadcasts: { x: message } });
  expect([closed.status(), tables.status(), refused.channel.store.get().error?.code, server.topics()]).toEqual(['live', 'live', 'channel/topic-in-use', ['room', 'room#2']]);
  await closed.leave();
  await clock.advance(60_000);
  expect(refused.status()).toBe('live');
});

test('a message that another channel of the topic knows is nothing invalid', async () => {
  const { server, open } = setup();
  const first = await open({ broadcasts: { x: message } });
  await open({ broadcasts: { y: message } });
  server.broadcast('room', 'y', 'y1');
  server.broadcast('room', 'z', 'z1');
  expect([first.got, first.invalid.map(({ event }) => event)]).toEqual([[], ['z']]);
});
