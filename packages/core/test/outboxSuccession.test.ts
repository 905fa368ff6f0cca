import { expect, test } from 'vitest';
import { defineAction, memoryStorage, type OutboxOptions, type OutboxStorage } from '../src/index.ts';
import { createFakeClock } from './support/fakeClock.ts';
import { createFakeRest } from './support/fakeRest.ts';
import { createFakeBrowser } from './support/fakeTabs.ts';
import { createLife, mortalStorage } from './support/mortal.ts';
import { addNote, createTestOutbox, setNote, settleRequests } from './support/testOutbox.ts';

/** A browser with three tabs. The first one sends, and tells nobody anything; `first.reach` is what its writes wait for. */
async function setup({ actions = [addNote, setNote] }: Partial<OutboxOptions> = {}) {
  const [clock, rest, browser] = [createFakeClock(settleRequests), createFakeRest(), createFakeBrowser()];
  const disk: OutboxStorage = { ...memoryStorage(), durable: true };
  const first = { reach: (): Promise<void> => Promise.resolve() };
  const slow: OutboxStorage = {
    durable: true,
    async open(scope) {
      const queue = await disk.open(scope);
      return { ...queue, change: (places, decide) => first.reach().then(() => queue.change(places, decide)) };
    },
  };
  const open = (isFirst: boolean) => {
    const life = createLife(Infinity);
    const tabs = browser.tabsOf(life);
    const { outbox } = createTestOutbox({ clock, rest, actions, storage: mortalStorage(isFirst ? slow : disk, life), reach: life.through, tabs: isFirst ? { ...tabs, post: () => undefined } : tabs });
    outbox.start();
    return { life, outbox };
  };
  const silent = open(true);
  await clock.advance(0);
  const opened = [silent, open(false), open(false)] as const;
  await clock.advance(0);
  return {
    clock, rest, first, opened,
    /** The first tab dies, and the second leads. */
    die: () => {
      silent.life.kill();
      browser.succeed();
    },
    end: () => {
      for (const { outbox, life } of opened) {
        life.kill();
        outbox.end();
      }
    },
  };
}

test('Q5: what a tab did and died before it told is known to all tabs once another one sends', async () => {
  const { clock, rest, opened: [, second, third], die, end } = await setup();
  const receipt = await third.outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(0);
  expect(rest.applied).toHaveLength(1);
  expect(third.outbox.store.get().pending).toHaveLength(1);

  die();
  await clock.advance(0);
  expect([second.outbox.store.get().draining, second.outbox.store.get().pending, third.outbox.store.get().pending]).toEqual([true, [], []]);
  await receipt.confirmed;
  expect(rest.requests).toHaveLength(1);
  end();
});

test('Q5: what a tab did, and removed only after another one had begun to send it, is known to all tabs', async () => {
  const { clock, rest, first, opened: [, second, third], die, end } = await setup();
  let land = (): void => undefined;
  rest.fate = () => {
    first.reach = () => new Promise((resolve) => { land = resolve; });
    return 'ok';
  };
  const receipt = await third.outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(0);
  expect(rest.applied).toHaveLength(1);

  rest.fate = () => ({ status: 500 });
  die();
  await clock.advance(0);
  land(); // what had begun in the first tab ends without it
  await clock.advance(1_000);
  expect([second.outbox.store.get().pending, third.outbox.store.get().pending]).toEqual([[], []]);
  await receipt.confirmed;
  expect([rest.applied.length, rest.requests.length]).toEqual([1, 2]);
  end();
});

test.each([
  { ending: 'ok', statuses: ['confirmed', 'confirmed'], texts: ['y'] },
  { ending: { status: 400, code: '23514' }, statuses: ['failed', 'failed'], texts: [] },
] as const)('Q1: what a tab folded into an earlier action and died before it told ends as that does: $ending', async ({ ending, statuses: ends, texts }) => {
  const folding = defineAction({ ...addNote, fold: ({ input }, later) => ({ name: 'add-note', input: { ...input, ...(later.input as object) } }) });
  const { clock, rest, opened: [, second, third], die, end } = await setup({ actions: [folding, setNote] });
  rest.fate = () => ({ status: 500 });
  const receipts = await Promise.all([third.outbox.enqueue(folding, { id: 'a', text: 'x' }), third.outbox.enqueue(setNote, { id: 'a', text: 'y' })]);
  const statuses = (): string[] => receipts.map(({ store }) => store.get().status);
  await clock.advance(0);
  die();
  await clock.advance(0);
  expect([statuses(), second.outbox.store.get().pending.length, third.outbox.store.get().pending.length]).toEqual([['stored', 'stored'], 1, 1]);
  rest.fate = () => ending;
  await clock.advance(5_000);
  expect([statuses(), rest.applied.map(({ row }) => row['text'])]).toEqual([ends, texts]);
  end();
});
