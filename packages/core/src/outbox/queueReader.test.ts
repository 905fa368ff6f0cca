import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { silentLogger } from '../lib/logger.ts';
import { createOptimisticWrites } from '../live/optimisticWrites.ts';
import { createQueueReader } from './queueReader.ts';
import { createQueueRecord } from './queueRecord.ts';
import { createReceipts } from './receipts.ts';
import type { StoredAction } from './types.ts';

const action = (seq: number): StoredAction => ({ seq, id: `a${String(seq)}`, name: 'x', lane: 'x', input: null, enqueuedAt: 0, attempts: 0, folded: [], failure: null });

/** A reader of a disk that answers 100 ms later with what it had when it was asked. */
function setup() {
  const clock = createFakeClock();
  const record = createQueueRecord({ definitionOf: () => undefined, receipts: createReceipts(), writes: createOptimisticWrites(), onChanged: () => undefined });
  const disk = { actions: [] as StoredAction[], broken: false, loads: 0 };
  const queue = {
    async load(afterSeq: number) {
      disk.loads += 1;
      const actions = disk.actions.filter(({ seq }) => seq > afterSeq);
      await new Promise<void>((resolve) => { clock.setTimeout(resolve, 100); });
      if (disk.broken) throw new Error('the disk is broken');
      return { actions, corrupted: 0 };
    },
  };
  const reader = createQueueReader({ queue, record, clock, logger: silentLogger, onRead: () => undefined });
  return { clock, record, disk, reader, known: () => record.view.all().map(({ id }) => id) };
}

test('Q1: what was read before an action was gone does not bring it back', async () => {
  const { clock, disk, reader, known } = setup();
  disk.actions = [action(1)];
  void reader.all();
  await clock.advance(50);
  disk.actions = [];
  void reader.all();
  await clock.advance(1_000);
  expect(known()).toEqual([]);
});

test('reads that are asked for while one is under way are one', async () => {
  const { clock, disk, reader, known } = setup();
  void reader.all();
  await settle();
  disk.actions = [action(1), action(2)];
  void reader.on();
  void reader.all();
  void reader.on();
  await clock.advance(1_000);
  expect([disk.loads, known()]).toEqual([2, ['a1', 'a2']]);
});

test('what could not be read is read again, and what was added meanwhile with it', async () => {
  const { clock, disk, reader, known } = setup();
  disk.broken = true;
  disk.actions = [action(1)];
  void reader.all();
  await clock.advance(1_000);
  expect(known()).toEqual([]);
  disk.broken = false;
  disk.actions.push(action(2));
  await clock.advance(6_000);
  expect(known()).toEqual(['a1', 'a2']);
  reader.end();
  expect(clock.pending).toBe(0);
});

test('what this tab has added is taken in unread, unless others may have added something before it', async () => {
  const { clock, disk, reader, known } = setup();
  void reader.all();
  await clock.advance(1_000);
  disk.actions = [action(1)];
  await reader.added([action(1)]);
  expect([disk.loads, known()]).toEqual([1, ['a1']]);
  disk.actions = [action(1), action(2), action(3)];
  void reader.added([action(3)]);
  await clock.advance(1_000);
  expect([disk.loads, known()]).toEqual([2, ['a1', 'a2', 'a3']]);
});
