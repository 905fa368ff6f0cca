import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import { newAction } from '../../test/support/storageContract.ts';
import { systemClock } from '../lib/clock.ts';
import { createIndexedDbLease } from './indexedDbLease.ts';
import { indexedDbStorage } from './indexedDbStorage.ts';
import { createOutboxDatabase } from './outboxDatabase.ts';

beforeEach(() => { globalThis.indexedDB = new IDBFactory(); });

/** A tab's lease on Sara's queue. */
function openLease() {
  return createIndexedDbLease(createOutboxDatabase({ name: 'ruwad-outbox/sara', clock: systemClock, known: () => [], onOutdated: () => undefined }));
}

test('a lease is swapped by one of those who want it', async () => {
  const [a, b] = [openLease(), openLease()];
  const taken = await Promise.all([a.swap(null, { holder: 'a', beat: 0 }), b.swap(null, { holder: 'b', beat: 0 })]);
  expect(taken).toEqual([true, false]);
  expect(await b.read()).toEqual({ holder: 'a', beat: 0 });
  expect(await b.swap({ holder: 'a', beat: 1 }, { holder: 'b', beat: 0 })).toBe(false);
  expect(await b.swap({ holder: 'a', beat: 0 }, { holder: 'b', beat: 0 })).toBe(true);
  expect(await b.swap({ holder: 'b', beat: 0 }, null)).toBe(true);
  expect(await a.read()).toBeNull();
});

test('a tab whose lease went to another is refused changes, told so, and may still add', async () => {
  // No Web Locks here, so that the storage's own tabs stand for the lease.
  vi.stubGlobal('navigator', {});
  const storage = indexedDbStorage();
  const queue = await storage.open('sara');
  const leading = await new Promise<AbortSignal>((resolve) => { storage.tabs?.campaign('sara', new AbortController().signal, resolve); });
  const [place = 0] = await queue.add([newAction('a')]);
  await queue.change([place], (found) => ({ put: [...found.values()].map((action) => ({ ...action, attempts: 1 })) }));

  const other = openLease();
  for (let taken = false; !taken;) taken = await other.swap(await other.read(), { holder: 'other', beat: 0 });
  await expect(queue.change([], () => ({ remove: [place] }))).rejects.toThrow('another tab drains the queue now');
  expect(leading.aborted).toBe(true);
  await queue.add([newAction('b')]);
  expect((await queue.load(0)).actions.map(({ id, attempts }) => [id, attempts])).toEqual([['a', 1], ['b', 0]]);
});
