import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, expect, test } from 'vitest';
import { memoryStorage } from '../src/index.ts';
import { indexedDbStorage } from '../src/outbox/indexedDbStorage.ts';
import { singleTab } from '../src/outbox/singleTab.ts';
import { createFakeClock, settle as settlePromises } from './support/fakeClock.ts';
import { addNote, createTestOutbox, settleRequests, type TestOutboxOptions } from './support/testOutbox.ts';

beforeEach(() => { globalThis.indexedDB = new IDBFactory(); });

/** Lets requests and transactions end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await settleRequests();
    await settlePromises();
  }
}

/** An outbox that has read what is stored. */
async function open(options: TestOutboxOptions = {}) {
  const test = createTestOutbox({ storage: indexedDbStorage(), tabs: singleTab, ...options });
  test.outbox.start();
  await settle();
  return test;
}

/** Ids of the notes that a later page would read. */
async function stored(): Promise<readonly unknown[]> {
  const queue = await indexedDbStorage().open('sara');
  const { actions } = await queue.load(0);
  queue.close();
  return actions.map(({ input }) => (input as { id: string }).id);
}

test('Q1: what is enqueued before the end is stored, and its receipt says that no more will be heard', async () => {
  const { outbox } = await open();
  const enqueued = outbox.enqueue(addNote, { id: 'a', text: 'x' });
  outbox.end();
  await expect((await enqueued).confirmed).rejects.toMatchObject({ code: 'client/disposed' });
  await settle();
  expect(await stored()).toEqual(['a']);
});

test.each([1, 3, 8])('Q1: what was confirmed before the end is not left to be done again: %i of 8', async (confirmedBefore) => {
  const { outbox, rest, clock } = await open({ lanes: 8 });
  rest.fate = async ({ body }) => {
    for (let turn = Number((body as { id: string }).id); turn > 0; turn -= 1) await new Promise((resolve) => { setImmediate(resolve); });
    return 'ok' as const;
  };
  const confirmed = new Set<string>();
  const receipts = await Promise.all(Array.from({ length: 8 }, (_, at) => outbox.enqueue(addNote, { id: String(at), text: 'x' })));
  for (const [at, receipt] of receipts.entries()) {
    receipt.confirmed.then(() => {
      if (confirmed.add(String(at)).size === confirmedBefore) outbox.end();
    }, () => undefined);
  }
  await clock.advance(0);
  await settle();
  expect(confirmed.size).toBeGreaterThanOrEqual(confirmedBefore);
  expect((await stored()).filter((id) => confirmed.has(String(id)))).toEqual([]);
});

test('Q5: no other tab is given the turn before what was done is removed', async () => {
  const [disk, clock] = [memoryStorage(), createFakeClock(settleRequests)];
  const done: string[] = [];
  const { outbox } = await open({
    clock,
    storage: {
      durable: true,
      async open(scope) {
        const queue = await disk.open(scope);
        return {
          ...queue,
          async change(places, decide) {
            await new Promise<void>((resolve) => { clock.setTimeout(resolve, 100); });
            await queue.change(places, decide);
            done.push('written');
          },
        };
      },
    },
    tabs: {
      ...singleTab,
      campaign(_scope, signal, lead) {
        signal.addEventListener('abort', () => { done.push('left'); });
        lead(signal);
      },
    },
  });
  const { confirmed } = await outbox.enqueue(addNote, { id: 'a', text: 'x' });
  void confirmed.then(() => { outbox.end(); });
  await clock.advance(1_000);
  expect([done.at(-1), (await (await disk.open('sara')).load(0)).actions]).toEqual(['left', []]);
});

test('an action of a turn that was lost is not shown as being sent', async () => {
  const term = new AbortController();
  const { outbox, rest, clock } = await open({ tabs: { ...singleTab, campaign: (_scope, _signal, lead) => { lead(term.signal); } } });
  rest.fate = () => new Promise(() => undefined);
  const { store } = await outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(0);
  await settle();
  expect([outbox.store.get().pending[0]?.sending, store.get().status]).toEqual([true, 'sending']);
  term.abort();
  await settle();
  expect([outbox.store.get().draining, outbox.store.get().pending[0]?.sending, store.get().status]).toEqual([false, false, 'stored']);
});
