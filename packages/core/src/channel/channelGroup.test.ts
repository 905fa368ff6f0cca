import { Observable, Subject } from 'rxjs';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createFakeClock } from '../../test/support/fakeClock.ts';
import { createChannelGroup } from './channelGroup.ts';
import { defineChannel, type ChannelDefinition } from './defineChannel.ts';
import { throttledChanges } from './throttledChanges.ts';
import type { Change, Channel } from './types.ts';

const row = z.object({ id: z.string() });
const room = defineChannel({ name: 'room', topic: ({ id }: { id: string }) => `room:${id}`, tables: { notes: { row }, tasks: { row } } });
const note = (key: string, type: 'INSERT' | 'UPDATE' = 'UPDATE', table = 'notes'): Change<{ id: string }> =>
  ({ type, table, schema: 'public', key, row: { id: key }, old: {}, commitTimestamp: null });

/** Channels whose changes a test makes; `held` counts open streams by topic. */
function setup() {
  const streams = new Map<string, Subject<Change<{ id: string }>>>();
  const held = new Map<string, number>();
  const open = (definition: ChannelDefinition, ...[params]: unknown[]): Channel<typeof room> => {
    const topic = definition.topic(params as never);
    const counted = (table: string) =>
      new Observable((subscriber) => {
        const stream = streams.get(`${topic} ${table}`) ?? new Subject();
        streams.set(`${topic} ${table}`, stream);
        held.set(topic, (held.get(topic) ?? 0) + 1);
        subscriber.add(stream.subscribe(subscriber));
        subscriber.add(() => held.set(topic, (held.get(topic) ?? 0) - 1));
      });
    return { definition, topic, changes$: counted, broadcast$: counted, presence$: counted(''), invalid$: counted('') } as unknown as Channel<typeof room>; // the parts that are listened to
  };
  return { open, held, change: (topic: string, change: Change<{ id: string }>) => streams.get(`${topic} ${change.table}`)?.next(change) };
}

test('a group says which topics it holds, and lets go of one with its last subscription', () => {
  const { open, held, change } = setup();
  const group = createChannelGroup(open as never); // as loosely typed as the fake is
  const seen: string[] = [];
  const ends = ['1', '1', '2'].map((id) => group.subscribe(room, { id }, { changes: { notes: ({ key }) => seen.push(`${id} ${key}`) } }));
  const topics = group.store.get();
  expect(topics).toEqual(['room:1', 'room:2']);
  change('room:1', note('a'));
  expect(seen).toEqual(['1 a', '1 a']);
  ends[0]?.();
  ends[0]?.();
  expect(group.store.get()).toBe(topics);
  change('room:1', note('b'));
  expect(seen).toEqual(['1 a', '1 a', '1 b']);
  ends[1]?.();
  expect([group.store.get(), held.get('room:1')]).toEqual([['room:2'], 0]);
});

test('U2: clearing a group ends all of its subscriptions, and new ones may follow', () => {
  const { open, held } = setup();
  const group = createChannelGroup(open as never); // as above
  group.subscribe(room, { id: '1' });
  group.subscribe(room, { id: '2' });
  group.clear();
  expect([group.store.get(), held.get('room:1'), held.get('room:2')]).toEqual([[], 0, 0]);
  group.subscribe(room, { id: '1' });
  expect(group.store.get()).toEqual(['room:1']);
});

test('F1: throttled changes leave out no row of any table, and of each row only what a later change replaced', async () => {
  const { open, held, change } = setup();
  const clock = createFakeClock();
  const batches: string[][] = [];
  const replaced: string[] = [];
  const subscription = throttledChanges(open(room, { id: '1' }), { intervalMs: 1_000, clock, onReplaced: ({ key, type }) => replaced.push(`${key} ${type}`) })
    .subscribe((changes) => batches.push(changes.map(({ table, key, type }) => `${table} ${key} ${type}`)));
  for (let n = 1; n <= 20; n += 1) change('room:1', note(String(n), 'INSERT'));
  change('room:1', note('7'));
  change('room:1', note('7', 'INSERT', 'tasks'));
  await clock.advance(1_000);
  expect(batches[0]).toEqual(['notes 1 INSERT']);
  expect(batches[1]).toHaveLength(20);
  expect(batches[1]).toContain('notes 7 UPDATE');
  expect(batches[1]).toContain('tasks 7 INSERT');
  expect(replaced).toEqual(['7 INSERT']);
  change('room:1', note('8'));
  subscription.unsubscribe();
  await clock.advance(5_000);
  expect([batches.length, clock.pending, held.get('room:1')]).toEqual([2, 0, 0]);
});
