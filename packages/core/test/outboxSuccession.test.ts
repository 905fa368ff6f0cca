import { expect, test } from 'vitest';
import { memoryStorage, type OutboxStorage } from '../src/index.ts';
import { createFakeClock } from './support/fakeClock.ts';
import { createFakeRest } from './support/fakeRest.ts';
import { createFakeBrowser } from './support/fakeTabs.ts';
import { createLife, mortalStorage } from './support/mortal.ts';
import { addNote, createTestOutbox, settleRequests } from './support/testOutbox.ts';

test('Q5: what a tab did and died before it told is known to all tabs once another one sends', async () => {
  const [clock, rest, browser] = [createFakeClock(settleRequests), createFakeRest(), createFakeBrowser()];
  const disk: OutboxStorage = { ...memoryStorage(), durable: true };
  const open = (tells: boolean) => {
    const life = createLife(Infinity);
    const tabs = browser.tabsOf(life);
    const { outbox } = createTestOutbox({ clock, rest, storage: mortalStorage(disk, life), reach: life.through, tabs: tells ? tabs : { ...tabs, post: () => undefined } });
    outbox.start();
    return { life, outbox };
  };
  const [silent, second, third] = [open(false), open(true), open(true)];
  await clock.advance(0);
  const receipt = await third.outbox.enqueue(addNote, { id: 'a', text: 'x' });
  await clock.advance(0);
  expect(rest.applied).toHaveLength(1);
  expect(third.outbox.store.get().pending).toHaveLength(1);

  silent.life.kill();
  browser.succeed();
  await clock.advance(0);
  expect([second.outbox.store.get().draining, second.outbox.store.get().pending, third.outbox.store.get().pending]).toEqual([true, [], []]);
  await receipt.confirmed;
  expect(rest.requests).toHaveLength(1);
  for (const { outbox, life } of [silent, second, third]) {
    life.kill();
    outbox.end();
  }
});
