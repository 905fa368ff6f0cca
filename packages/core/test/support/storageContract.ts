import { stableKey } from '../../src/lib/stableKey.ts';
import type { OutboxQueue, OutboxStorage, StoredAction } from '../../src/outbox/types.ts';

/** One promise of every {@link OutboxStorage}, as a plain function, so that it runs in Node and in a page. */
export interface StorageCase {
  readonly name: string;
  /** @param storage - empty; rejects when it does not keep the promise */
  readonly run: (storage: OutboxStorage) => Promise<void>;
}

/** An action as it is enqueued. */
export function newAction(id: string, more: Partial<StoredAction> = {}): Omit<StoredAction, 'seq'> {
  return { id, name: 'note', lane: 'notes', input: { id, text: `note ${id}`, tags: ['a', null, 1.5] }, enqueuedAt: 1, attempts: 0, folded: [], failure: null, ...more };
}

export const storageContract: readonly StorageCase[] = [
  {
    name: 'what was added is read again, in order and as it was',
    async run(storage) {
      const queue = await storage.open('sara');
      const places = await queue.add([newAction('a'), newAction('b')]);
      same(await idsOf(queue), ['a', 'b']);
      same((await queue.load(0)).actions, [{ ...newAction('a'), seq: places[0] }, { ...newAction('b'), seq: places[1] }]);
      same((await queue.load(0)).corrupted, 0);
    },
  },
  {
    name: 'adds of one tick keep their order and get places of their own',
    async run(storage) {
      const queue = await storage.open('sara');
      const ids = Array.from({ length: 20 }, (_, index) => `a${index}`);
      const places = (await Promise.all(ids.map((id) => queue.add([newAction(id)])))).flat();
      same(places, [...places].sort((a, b) => a - b));
      same(new Set(places).size, ids.length);
      same(await idsOf(queue), ids);
    },
  },
  {
    name: 'adding nothing gives no place',
    async run(storage) {
      const queue = await storage.open('sara');
      same(await Promise.all([queue.add([]), queue.add([])]), [[], []]);
    },
  },
  {
    name: 'only what is behind a place is read',
    async run(storage) {
      const queue = await storage.open('sara');
      const [, second = 0] = await queue.add(['a', 'b', 'c'].map((id) => newAction(id)));
      same((await queue.load(second)).actions.map(({ id }) => id), ['c']);
    },
  },
  {
    name: 'a place is never given twice, also when everything was removed',
    async run(storage) {
      const queue = await storage.open('sara');
      const first = await queue.add([newAction('a'), newAction('b')]);
      await queue.change([], () => ({ remove: first }));
      same(await idsOf(queue), []);
      queue.close();
      const again = await storage.open('sara');
      const [next = 0] = await again.add([newAction('c')]);
      if (next <= Math.max(...first)) throw new Error(`place ${next} was given before`);
      same(await idsOf(again), ['c']);
    },
  },
  {
    name: 'a change is decided by what is stored, and replaces and removes at once',
    async run(storage) {
      const queue = await storage.open('sara');
      const [a = 0, b = 0, c = 0] = await queue.add(['a', 'b', 'c'].map((id) => newAction(id)));
      await queue.change([], () => ({ remove: [b] }));
      let asked = 0;
      await queue.change([c, b, a], (found) => {
        asked += 1;
        same([...found.keys()].sort((x, y) => x - y), [a, c]);
        return { put: [...found.values()].filter(({ id }) => id === 'a').map((action) => ({ ...action, attempts: 1 })), remove: [c] };
      });
      same(asked, 1);
      same((await queue.load(0)).actions, [{ ...newAction('a'), attempts: 1, seq: a }]);
    },
  },
  {
    name: 'removing ranges leaves their neighbours, and what is not there is no error',
    async run(storage) {
      const queue = await storage.open('sara');
      const places = await queue.add(Array.from({ length: 10 }, (_, index) => newAction(`a${index}`)));
      const gone = [5, 1, 2, 3, 8].map((index) => places[index] ?? 0);
      await queue.change([], () => ({ remove: [...gone, 1_000_000] }));
      await queue.change([], () => ({ remove: gone }));
      same(await idsOf(queue), ['a0', 'a4', 'a6', 'a7', 'a9']);
    },
  },
  {
    name: 'a change whose decision throws does nothing and rejects',
    async run(storage) {
      const queue = await storage.open('sara');
      const [place = 0] = await queue.add([newAction('a')]);
      const failed = await queue.change([place], () => { throw new Error('no'); }).then(() => null, (error: unknown) => (error as Error).message);
      same(failed, 'no');
      same(await idsOf(queue), ['a']);
    },
  },
  {
    name: 'a failure is kept with its action',
    async run(storage) {
      const queue = await storage.open('sara');
      const failure = { code: 'outbox/failed', status: 409, serverCode: '23503', message: 'no such challenge', details: null, hint: null, at: 5 };
      const [place = 0] = await queue.add([newAction('a')]);
      await queue.change([place], (found) => ({ put: [...found.values()].map((action) => ({ ...action, failure })) }));
      same((await queue.load(0)).actions[0]?.failure, failure);
    },
  },
  {
    name: 'Q6: the queues of two people have nothing in common',
    async run(storage) {
      const [sara, omar] = [await storage.open('sara'), await storage.open('omar')];
      const saras = await sara.add([newAction('a'), newAction('b')]);
      const omars = await omar.add([newAction('c')]);
      await omar.change([...saras, ...omars], (found) => {
        same([...found.values()].map(({ id }) => id), ['c']);
        return { remove: [...saras, ...omars] };
      });
      same(await idsOf(sara), ['a', 'b']);
      same(await idsOf(omar), []);
    },
  },
  {
    name: 'two that opened one queue see each other\'s actions',
    async run(storage) {
      const [first, second] = [await storage.open('sara'), await storage.open('sara')];
      await first.add([newAction('a')]);
      await second.add([newAction('b')]);
      first.close();
      same(await idsOf(second), ['a', 'b']);
    },
  },
];

async function idsOf(queue: OutboxQueue): Promise<readonly string[]> {
  return (await queue.load(0)).actions.map(({ id }) => id);
}

function same(actual: unknown, expected: unknown): void {
  const [got, wanted] = [stableKey(actual), stableKey(expected)];
  if (got !== wanted) throw new Error(`got ${got}, wanted ${wanted}`);
}
