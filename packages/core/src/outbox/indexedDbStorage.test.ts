import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { deleteDB, openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFakeClock, settle, type FakeClock } from '../../test/support/fakeClock.ts';
import { createFakeLocks } from '../../test/support/fakeLocks.ts';
import { newAction, storageContract } from '../../test/support/storageContract.ts';
import { indexedDbStorage } from './indexedDbStorage.ts';
import type { OutboxQueue, OutboxStorage, StoredAction } from './types.ts';

beforeEach(() => { globalThis.indexedDB = new IDBFactory(); });
afterEach(() => { vi.unstubAllGlobals(); });

const NAME = 'ruwad-outbox/sara';

const idsOf = async (queue: OutboxQueue): Promise<readonly string[]> => (await queue.load(0)).actions.map(({ id }) => id);

/** Counts the transactions that write. */
function countWrites(): () => number {
  const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
  return () => begun.mock.calls.filter(([, mode]) => mode === 'readwrite').length;
}

describe('IndexedDB', () => {
  for (const { name, run } of storageContract) test(name, () => run(indexedDbStorage()));
});

test('actions that are added together share a transaction, and so do those that are removed together', async () => {
  const queue = await indexedDbStorage().open('sara');
  const writes = countWrites();
  const deletes = vi.spyOn(IDBObjectStore.prototype, 'delete');
  const places = await queue.add(Array.from({ length: 100 }, (_, index) => newAction(`a${index}`)));
  expect(writes()).toBe(1);
  await queue.change([], () => ({ remove: places }));
  expect([writes(), deletes.mock.calls.length]).toEqual([2, 1]);
});

test('every transaction that writes is durable before it is said to be', async () => {
  const queue = await indexedDbStorage().open('sara');
  const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
  await queue.add([newAction('a')]);
  await queue.change([], () => ({ remove: [1] }));
  expect(begun.mock.calls.map(([, , options]) => options?.durability)).toEqual(['strict', 'strict']);
});

test('of actions that are added together all are stored or none', async () => {
  const queue = await indexedDbStorage().open('sara');
  const unstorable = newAction('b', { input: { run: () => undefined } as never });
  await expect(queue.add([newAction('a'), unstorable, newAction('c')])).rejects.toMatchObject({ name: 'DataCloneError' });
  expect(await idsOf(queue)).toEqual([]);
});

test('Q7: an aborted transaction rejects with why, and nothing of it is stored', async () => {
  const queue = await indexedDbStorage().open('sara');
  await queue.add([newAction('a')]);
  const full = new DOMException('no space is left', 'QuotaExceededError');
  const add = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => { throw full; });
  await expect(queue.add([newAction('b')])).rejects.toBe(full);
  add.mockRestore();
  expect(await idsOf(queue)).toEqual(['a']);
});

test('Q7: a transaction that the browser ends, because the site is cleared, is made again', async () => {
  const queue = await indexedDbStorage().open('sara');
  vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementationOnce(function (this: IDBObjectStore, value: unknown) {
    const request = this.put(value); // the same for a new one
    this.transaction.abort();
    this.transaction.db.close();
    return request;
  });
  await queue.add([newAction('a')]);
  expect(await idsOf(queue)).toEqual(['a']);
});

test('Q7: what another tab holds up for 5 s rejects, and is not stored later', async () => {
  const clock = createFakeClock(() => new Promise((resolve) => { setTimeout(resolve, 0); }));
  const queue = await indexedDbStorage({ clock }).open('sara');
  await queue.add([newAction('a')]);
  const other = await openDB(NAME);
  const held = other.transaction('actions', 'readwrite');
  let holding = true;
  const hold = async (): Promise<void> => { while (holding) await held.store.get(1); };
  const holder = hold();
  const outcome = expect(queue.add([newAction('b')])).rejects.toThrow('did not answer within 5000 ms');
  await clock.advance(5_000);
  await outcome;
  holding = false;
  await holder;
  await held.done;
  other.close();
  expect([await idsOf(queue), clock.pending]).toEqual([['a'], 0]);
});

describe('a database of an earlier version', () => {
  /** What version 1 stored, written without our code. */
  async function writeVersion1(): Promise<void> {
    const database = await openDB(NAME, 1, {
      upgrade(db) {
        db.createObjectStore('actions', { keyPath: 'seq', autoIncrement: true });
        db.createObjectStore('damaged', { autoIncrement: true });
      },
    });
    await database.add('actions', newAction('a'));
    await database.add('actions', newAction('b'));
    database.close();
  }

  test('keeps its actions when the newest code opens it', async () => {
    await writeVersion1();
    const queue = await indexedDbStorage().open('sara');
    expect((await queue.load(0)).actions).toEqual([{ ...newAction('a'), seq: 1 }, { ...newAction('b'), seq: 2 }]);
    await queue.change([1], (found) => ({ remove: [...found.keys()] }));
    expect(await queue.add([newAction('c')])).toEqual([3]);
    expect(await idsOf(queue)).toEqual(['b', 'c']);
  });
});

describe('a newer version of the app in another tab', () => {
  const NEWER = 1_000;

  test('is not kept waiting, and the older tab is refused from then on', async () => {
    const older = await indexedDbStorage().open('sara');
    await older.add([newAction('a')]);
    const database = await openDB(NAME, NEWER);
    await expect(older.add([newAction('b')])).rejects.toMatchObject({ name: 'VersionError' });
    await expect(indexedDbStorage().open('sara')).rejects.toMatchObject({ name: 'VersionError' });
    expect(await database.count('actions')).toBe(1);
    database.close();
  });

  test('Q5: is given the turn of the older one, which cannot send what is stored any more', async () => {
    vi.stubGlobal('navigator', { locks: createFakeLocks() });
    const [older, newer] = [indexedDbStorage(), indexedDbStorage()];
    await older.open('sara');
    const terms: AbortSignal[] = [];
    const stand = ({ tabs }: OutboxStorage): void => { tabs?.campaign('sara', new AbortController().signal, (term) => { terms.push(term); }); };
    stand(older);
    stand(newer);
    await settle();
    expect(terms.map(({ aborted }) => aborted)).toEqual([false]);
    const database = await openDB(NAME, NEWER);
    await settle();
    expect(terms.map(({ aborted }) => aborted)).toEqual([true, false]);
    database.close();
  });
});

describe('a database that somebody closed or deleted', () => {
  test('is opened again when the browser closed it', async () => {
    const opened = vi.spyOn(IDBFactory.prototype, 'open');
    const queue = await indexedDbStorage().open('sara');
    const [first = 0] = await queue.add([newAction('a')]);
    forceCloseDatabase((opened.mock.results[0]?.value as IDBOpenDBRequest).result as never); // it is one of the fake's
    expect(await queue.add([newAction('b')])).toEqual([first + 1]);
    expect(await idsOf(queue)).toEqual(['a', 'b']);
  });

  test('is opened again when it was closed without an event', async () => {
    const opened = vi.spyOn(IDBFactory.prototype, 'open');
    const queue = await indexedDbStorage().open('sara');
    (opened.mock.results[0]?.value as IDBOpenDBRequest).result.close();
    await queue.add([newAction('a')]);
    expect(await idsOf(queue)).toEqual(['a']);
  });

  test('gets back, with their places, the actions that the page knows', async () => {
    const known: StoredAction[] = [];
    const queue = await indexedDbStorage().open('sara', () => known);
    const [, second = 0] = await queue.add([newAction('a'), newAction('b')]);
    known.push({ ...newAction('b'), seq: second });
    await deleteDB(NAME);
    expect((await queue.load(0)).actions).toEqual(known);
    const [third = 0] = await queue.add([newAction('c')]);
    expect(third).toBeGreaterThan(second);
    expect(await idsOf(queue)).toEqual(['b', 'c']);
    queue.close();
  });

  test('Q1: gets them back also when another page was the first to make it anew, whose places come after all that there were', async () => {
    const [known, clock]: [StoredAction[], FakeClock] = [[], createFakeClock()];
    const queue = await indexedDbStorage({ clock }).open('sara', () => known);
    const [first = 0, second = 0] = await queue.add([newAction('a'), newAction('b')]);
    known.push({ ...newAction('a'), seq: first });
    await deleteDB(NAME);
    await clock.advance(1);
    const other = await indexedDbStorage({ clock }).open('sara');
    const [third = 0] = await other.add([newAction('c')]);
    expect(third).toBeGreaterThan(second);
    expect([await idsOf(queue), await idsOf(other)]).toEqual([['a', 'c'], ['a', 'c']]);
  });

  test('has nothing to get back from a page that never had it open', async () => {
    const known = [{ ...newAction('b'), seq: 2 }];
    await deleteDB(NAME);
    expect(await idsOf(await indexedDbStorage().open('sara', () => known))).toEqual([]);
  });
});

describe('records that are no actions', () => {
  test('are set aside and counted, and the rest is read', async () => {
    const queue = await indexedDbStorage().open('sara');
    await queue.add([newAction('a')]);
    const [seq = 0] = await queue.add([{ ...newAction('b'), lane: 7 as never }]);
    await queue.add([{ id: 'c' } as never]);
    await queue.add([newAction('d', { failure: { code: 'x' } as never })]);
    await queue.add([newAction('e')]);
    const { actions, corrupted } = await queue.load(0);
    expect([actions.map(({ id }) => id), corrupted]).toEqual([['a', 'e'], 3]);
    expect(await queue.load(0)).toEqual({ actions, corrupted: 0 });
    const database = await openDB(NAME);
    expect(await database.getAll('damaged')).toMatchObject([{ seq, record: { id: 'b', lane: 7 } }, { seq: seq + 1, record: { id: 'c' } }, { seq: seq + 2 }]);
    database.close();
  });

  test('are counted and left where they are while the disk is full, and the rest is read', async () => {
    const queue = await indexedDbStorage().open('sara');
    await queue.add([newAction('a'), { ...newAction('b'), lane: 7 as never }]);
    const add = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => { throw new DOMException('full', 'QuotaExceededError'); });
    expect(await queue.load(0)).toMatchObject({ actions: [{ id: 'a' }], corrupted: 1 });
    add.mockRestore();
    expect(await queue.load(0)).toMatchObject({ actions: [{ id: 'a' }], corrupted: 1 });
    expect(await queue.load(0)).toMatchObject({ actions: [{ id: 'a' }], corrupted: 0 });
  });

  test('that cannot even be read are counted and left where they are', async () => {
    const queue = await indexedDbStorage().open('sara');
    const [, second] = await queue.add([newAction('a'), newAction('b'), newAction('c')]);
    const lost = new DOMException('the file of the value is lost', 'NotReadableError');
    const get = Reflect.get(IDBObjectStore.prototype, 'get') as (this: IDBObjectStore, key: unknown) => IDBRequest; // its own method
    vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(() => { throw lost; });
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, key) {
      if (key === second) throw lost;
      return get.call(this, key);
    });
    const { actions, corrupted } = await queue.load(0);
    expect([actions.map(({ id }) => id), corrupted]).toEqual([['a', 'c'], 1]);
    vi.restoreAllMocks();
    expect(await idsOf(queue)).toEqual(['a', 'b', 'c']);
  });
});

describe('Q7: opening rejects', () => {
  test('where there is no IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined);
    await expect(indexedDbStorage().open('sara')).rejects.toThrow('there is no IndexedDB here');
  });

  test('where the browser refuses it', async () => {
    const refusal = new DOMException('not in this mode', 'SecurityError');
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => { throw refusal; });
    await expect(indexedDbStorage().open('sara')).rejects.toBe(refusal);
  });

  test('where it does not answer, and what opens too late is closed', async () => {
    const frozen = await openDB(NAME, 1); // hears that it should close, and does not
    const clock = createFakeClock();
    const outcome = expect(indexedDbStorage({ clock }).open('sara')).rejects.toThrow('did not open within 5000 ms');
    await clock.advance(5_000);
    await outcome;
    expect(clock.pending).toBe(0);
    frozen.close();
    const blocked = vi.fn();
    await deleteDB(NAME, { blocked });
    expect(blocked).not.toHaveBeenCalled();
  });

  test('and the next call tries again', async () => {
    const open = vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => { throw new Error('not yet'); });
    const storage = indexedDbStorage();
    await expect(storage.open('sara')).rejects.toThrow('not yet');
    open.mockRestore();
    expect(await idsOf(await storage.open('sara'))).toEqual([]);
  });
});
