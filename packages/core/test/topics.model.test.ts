import fc from 'fast-check';
import { Subscription } from 'rxjs';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createChannelRegistry } from '../src/channel/channelRegistry.ts';
import { defineChannel, silentLogger, type Channel, type ChannelDefinition, type Filter, type Gap, type TableDefinition } from '../src/index.ts';
import { createOwnedClock } from '../src/lib/ownedClock.ts';
import { deepRuns } from './support/deep.ts';
import { createFakeClock } from './support/fakeClock.ts';
import { fakeConnection } from './support/fakeWire.ts';
import { BAD_TABLE, createTopicServer } from './support/topicServer.ts';

const TOPICS = [{ topic: 'one', private: false }, { topic: 'two', private: true }] as const;
const EVENTS = ['x', 'y'] as const;
const QUIET_MS = 180_000;

/** A definition as the generator makes it. `filter`: rows with this `v` alone. */
interface Shape {
  at: number;
  tables: { table: string; filter: number | null }[];
  broadcasts: (typeof EVENTS)[number][];
  presence: boolean;
}

type Step =
  | { do: 'open'; n: number }
  | { do: 'leave'; n: number }
  | { do: 'wait'; ms: number }
  | { do: 'commit'; table: 'a' | 'b'; v: number }
  | { do: 'broadcast'; at: number; event: 'x' | 'y' }
  | { do: 'present'; at: number; key: string; here: boolean }
  | { do: 'cut' }
  | { do: 'close'; pick: number };

const aTopic = fc.nat(TOPICS.length - 1);
const aShape: fc.Arbitrary<Shape> = fc.record({
  at: aTopic,
  tables: fc.uniqueArray(fc.record({ table: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('a', 'b') }, { weight: 1, arbitrary: fc.constant(BAD_TABLE) }), filter: fc.constantFrom(null, 0, 1) }), { maxLength: 2, selector: ({ table }) => table }),
  broadcasts: fc.uniqueArray(fc.constantFrom(...EVENTS)),
  presence: fc.boolean(),
});
const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('open', 'open', 'leave'), n: fc.nat(4) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.oneof(fc.nat(60), fc.nat(500), fc.nat(20_000)) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('commit'), table: fc.constantFrom('a', 'b'), v: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('broadcast'), at: aTopic, event: fc.constantFrom(...EVENTS) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('present'), at: aTopic, key: fc.constantFrom('omar', 'lina'), here: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'cut' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close'), pick: fc.nat(4) }) },
);

const topicOf = (at: number) => TOPICS[at] ?? TOPICS[0];

function define({ at, tables, broadcasts, presence }: Shape, n: number): ChannelDefinition {
  const row = z.object({ id: z.string(), v: z.number() });
  const table = ({ table: name, filter }: Shape['tables'][number]): [string, TableDefinition<void, typeof row>] =>
    [name, { row, ...(filter !== null && { filter: (): Filter => ({ column: 'v', operator: 'eq', value: filter }) }) }];
  const { topic, private: isPrivate } = topicOf(at);
  return defineChannel({
    name: `definition ${String(n)}`,
    topic,
    private: isPrivate,
    tables: Object.fromEntries(tables.map(table)),
    broadcasts: Object.fromEntries(broadcasts.map((event) => [event, z.object({ id: z.string() })])),
    ...(presence && { presence: z.object({}) }),
  }); // its types are not needed here
}

/** What an emission is, for the question whether a definition asks for it. */
type Emission = { id: string; at: number } & ({ table: 'a' | 'b'; v: number } | { topic: number; event: 'x' | 'y' });

const asksFor = ({ at, tables, broadcasts }: Shape, emission: Emission): boolean =>
  'table' in emission
    ? tables.some(({ table, filter }) => table === emission.table && (filter === null || filter === emission.v))
    : emission.topic === at && broadcasts.includes(emission.event);

/** Somebody who listens to everything of a channel, and what they got. */
function listen(channel: Channel<ChannelDefinition>, { tables, broadcasts, presence }: Shape) {
  const held = new Subscription();
  const got: string[] = [];
  const gaps: Gap[] = [];
  const invalid: unknown[] = [];
  let people: string[] = [];
  held.add(channel.gaps$.subscribe((gap) => gaps.push(gap)));
  held.add(channel.invalid$.subscribe((payload) => invalid.push(payload)));
  for (const { table } of tables) held.add(channel.changes$(table as never).subscribe((change: { key: string }) => got.push(change.key)));
  for (const event of broadcasts) held.add(channel.broadcast$(event as never).subscribe(({ payload }: { payload: unknown }) => got.push((payload as { id: string }).id)));
  if (presence) held.add(channel.presence$.subscribe((map) => (people = [...map.keys()].sort())));
  return { held, got, gaps, invalid, missed: [] as Emission[], wasLive: false, people: () => people };
}

test('C7, R10: of channels with any definitions on few topics each gets what it asks for while it is live, once and nothing else; what it missed lies in a gap', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aShape, { minLength: 2, maxLength: 5 }), fc.array(aStep, { minLength: 5, maxLength: 40 }), async (shapes, steps) => {
      const clock = createFakeClock();
      const server = createTopicServer(clock);
      const owned = createOwnedClock(clock);
      const connection = fakeConnection(server, owned);
      const registry = createChannelRegistry({ userId: 'sara', wire: server, connection, clock: owned, logger: silentLogger, lingerMs: 1_000, random: () => 0.5 });
      const definitions = shapes.map(define);
      const channels = definitions.map((definition) => registry.get(definition as ChannelDefinition<void>) as unknown as Channel<ChannelDefinition>);
      const open = new Map<number, ReturnType<typeof listen>>();
      let ids = 0;

      const isLive = (n: number): boolean => channels[n]?.store.get().status === 'live';
      const emit = (emission: Emission, send: () => void): void => {
        const before = new Map([...open].map(([n, { got }]) => [n, { live: isLive(n), count: got.length }]));
        send();
        for (const [n, listener] of open) {
          const { live = false, count = 0 } = before.get(n) ?? {};
          const shape = shapes[n];
          const asked = shape !== undefined && asksFor(shape, emission);
          const fresh = listener.got.slice(count);
          if (live) expect([n, fresh]).toEqual([n, asked ? [emission.id] : []]);
          else if (asked && listener.wasLive && fresh.length === 0) listener.missed.push(emission);
          else if (!asked) expect(fresh).toEqual([]);
        }
      };
      const perform = async (step: Step): Promise<void> => {
        const id = `event ${String((ids += 1))}`;
        const now = clock.now();
        if (step.do === 'open') {
          const [channel, shape] = [channels[step.n], shapes[step.n]];
          if (channel !== undefined && shape !== undefined && !open.has(step.n)) open.set(step.n, listen(channel, shape));
        } else if (step.do === 'leave') {
          open.get(step.n)?.held.unsubscribe();
          open.delete(step.n);
        } else if (step.do === 'wait') await clock.advance(step.ms);
        else if (step.do === 'commit') emit({ id, at: now, table: step.table, v: step.v }, () => { server.commit(step.table, { id, v: step.v }); });
        else if (step.do === 'broadcast') emit({ id, at: now, topic: step.at, event: step.event }, () => { server.broadcast(topicOf(step.at).topic, step.event, id); });
        else if (step.do === 'present') server.present(topicOf(step.at).topic, step.key, step.here);
        else if (step.do === 'cut') server.cut();
        else server.closeTopic(step.pick);
      };
      const note = (): void => {
        for (const [n, listener] of open) listener.wasLive ||= isLive(n);
        expect(server.clashes).toEqual([]);
      };

      for (const step of steps) {
        await perform(step);
        await clock.advance(0);
        note();
      }
      await clock.advance(QUIET_MS);
      note();
      const settled = new Map([...open].map(([n, { gaps }]) => [n, gaps.length]));
      await clock.advance(QUIET_MS);
      for (const [n, { gaps }] of open) expect(gaps.length).toBe(settled.get(n)); // one that is refused disturbs nobody
      for (const [n, { got, gaps, missed, invalid, people }] of open) {
        const shape = shapes[n];
        if (shape === undefined) continue;
        const isBad = shape.tables.some(({ table }) => table === BAD_TABLE);
        expect([n, isLive(n)]).toEqual([n, !isBad]);
        expect(new Set(got).size).toBe(got.length);
        for (const { at } of isBad ? [] : missed) expect(gaps.some(({ since, until }) => since <= at && at <= until)).toBe(true);
        if (!isBad && shape.presence) expect(people()).toEqual(server.presentAt(topicOf(shape.at).topic));
        // Nothing else is there, but for messages that no channel in use knows.
        expect(invalid.filter((payload) => (payload as { reason: string }).reason !== 'unknown-event')).toEqual([]);
      }

      for (const { held } of open.values()) held.unsubscribe();
      await clock.advance(1_100);
      expect(server.topics()).toEqual([]);
      await registry.dispose();
      await connection.dispose();
      owned.end();
      expect(clock.pending).toBe(0);
    }),
    { numRuns: deepRuns({ usual: 500, deep: 10_000 }) },
  );
}, deepRuns({ usual: 30_000, deep: 600_000 }));
