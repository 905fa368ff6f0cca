import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { silentLogger } from '../lib/logger.ts';
import { memoryStorage } from './memoryStorage.ts';
import { isOwn, openSparedQueue } from './sparedQueue.ts';
import type { OutboxQueue, OutboxStorage, StoredAction } from './types.ts';

const action = (id: string, lane = id): Omit<StoredAction, 'seq'> => ({ id, name: 'x', lane, input: null, enqueuedAt: 0, attempts: 0, folded: [], failure: null });

interface Fault {
  /** What an operation waits for before it reaches the disk; it rejects to refuse. */
  reach: () => Promise<void>;
  /** Whether the answer to an addition arrives. */
  isHeard: boolean;
}

/** A queue over a disk that may refuse, or take its time; `stored` is what the disk has. */
async function setup() {
  const fault: Fault = { reach: () => Promise.resolve(), isHeard: true };
  const clock = createFakeClock();
  const disk = await memoryStorage().open('sara');
  const stored = async (): Promise<readonly string[]> => (await disk.load(0)).actions.map(({ id }) => id);
  const queue: OutboxQueue = {
    add: async (actions) => {
      await fault.reach();
      const places = await disk.add(actions);
      return fault.isHeard ? places : new Promise(() => undefined);
    },
    load: (afterSeq) => disk.load(afterSeq),
    change: async (places, decide) => {
      await fault.reach();
      await disk.change(places, decide);
    },
    close: () => undefined,
  };
  let takenBack = 0;
  const storage: OutboxStorage = { durable: true, open: () => Promise.resolve(queue) };
  const spared = await openSparedQueue({ storage, scope: 'sara', known: () => [], clock, logger: silentLogger, onChanged: () => undefined, onTakenBack: () => (takenBack += 1) });
  const loaded = async (): Promise<readonly string[]> => (await spared.load(0)).actions.map(({ id }) => id);
  return { clock, fault, spared, stored, loaded, takenBack: () => takenBack };
}

test('Q7: what the storage refuses is kept in memory with what follows in its lane, and the rest is stored', async () => {
  const { fault, spared, stored, loaded } = await setup();
  fault.reach = () => Promise.reject(new Error('full'));
  const [first = 0] = await spared.add([action('a', 'x')]);
  expect([isOwn(first), spared.durable, spared.refusal?.code]).toEqual([true, false, 'outbox/not-durable']);
  fault.reach = () => Promise.resolve();
  const [second = 0, third = 0] = await spared.add([action('b', 'x'), action('c', 'y')]);
  expect([isOwn(second), isOwn(third), spared.durable]).toEqual([true, false, false]);
  expect(await stored()).toEqual(['c']);
  expect(await loaded()).toEqual(['c', 'a', 'b']);
  expect(spared.refusal?.code).toBe('outbox/not-durable');
  spared.journal.remove(first);
  spared.journal.remove(second);
  await settle();
  await spared.add([action('d')]);
  expect([spared.refusal, spared.durable, await loaded()]).toEqual([null, true, ['c', 'd']]);
});

test('Q7: a storage that does not answer in 15 s is done without, and what it stores later is taken back', async () => {
  const { clock, fault, spared, stored, loaded, takenBack } = await setup();
  let answer = (): void => undefined;
  fault.reach = () => new Promise((resolve) => { answer = resolve; });
  const adding = spared.add([action('a')]);
  await clock.advance(14_999);
  expect(spared.refusal).toBe(null);
  await clock.advance(1);
  const [seq = 0] = await adding;
  expect([isOwn(seq), spared.durable, spared.refusal?.code]).toEqual([true, false, 'outbox/not-durable']);
  expect(spared.refusal?.message).toContain('15000 ms');

  fault.reach = () => Promise.resolve();
  answer();
  expect(await loaded()).toEqual(['a']);
  await clock.advance(0);
  expect([await stored(), await loaded(), takenBack()]).toEqual([[], ['a'], 1]);
  spared.journal.remove(seq);
  await settle();
  expect(await loaded()).toEqual([]);
  await spared.close();
  expect(clock.pending).toBe(0);
});

test('Q7: what a silent storage has stored after all, and does not say, is taken back when it is read', async () => {
  const { clock, spared, stored, loaded, fault } = await setup();
  fault.isHeard = false;
  const adding = spared.add([action('a')]);
  await clock.advance(15_000);
  await adding;
  fault.isHeard = true;
  expect([await stored(), await loaded()]).toEqual([['a'], ['a']]);
  await settle();
  expect(await stored()).toEqual([]);
});

test('Q7: a storage that does not open in 15 s is done without, and closed when it opens later', async () => {
  const clock = createFakeClock();
  let closed = 0;
  let open = (_queue: OutboxQueue): void => undefined;
  const storage: OutboxStorage = { durable: true, open: () => new Promise((resolve) => { open = resolve; }) };
  const opening = openSparedQueue({ storage, scope: 'sara', known: () => [], clock, logger: silentLogger, onChanged: () => undefined, onTakenBack: () => undefined });
  await clock.advance(15_000);
  const spared = await opening;
  expect([spared.durable, spared.refusal?.code]).toEqual([false, 'outbox/not-durable']);
  expect((await spared.add([action('a')])).map(isOwn)).toEqual([true]);
  open({ ...(await memoryStorage().open('sara')), close: () => { closed += 1; } });
  await settle();
  expect(closed).toBe(1);
});

test('what was done and is not removed yet is not read, and a failure that is not stored yet is', async () => {
  const { clock, fault, spared, stored, loaded } = await setup();
  const [a = 0, b = 0] = await spared.add([action('a'), action('b')]);
  fault.reach = () => Promise.reject(new Error('broken'));
  spared.journal.remove(a);
  const failure = { code: 'outbox/failed', status: 400, serverCode: null, message: 'no', details: null, hint: null, at: 0 };
  spared.journal.keep({ ...action('b'), seq: b, failure }, () => undefined);
  expect(await loaded()).toEqual(['b']);
  expect((await spared.load(0)).actions[0]?.failure).toEqual(failure);
  expect(await stored()).toEqual(['a', 'b']);
  fault.reach = () => Promise.resolve();
  await clock.advance(5_000);
  expect(await stored()).toEqual(['b']);
});
