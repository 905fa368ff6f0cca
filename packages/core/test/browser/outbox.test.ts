import { expect, test } from 'vitest';
import { done, enqueue, requestsOf, useNotesBrowser } from './notesBrowser.ts';

const browser = useNotesBrowser();

test('Q5: what was enqueued offline in a tab that was closed arrives once, in order, when the app is opened online', async () => {
  const person = await browser.saras();
  const train = await browser.tab(person);
  await person.setOffline(true);
  await enqueue(train, 'add', 'a', 'draft');
  await enqueue(train, 'add', 'b', 'other');
  await enqueue(train, 'set', 'a', 'final');
  expect(await train.evaluate(() => window.app.state())).toMatchObject({ durable: true, warning: null, pending: [{ name: 'add-note' }, { name: 'add-note' }, { name: 'set-note' }] });
  await train.close();
  expect(await browser.written()).toEqual([]);

  await person.setOffline(false);
  const home = await browser.tab(person);
  await done(home);
  const all = await browser.written();
  expect([...all].sort()).toEqual(['a: draft', 'a: final', 'b: other']);
  expect(all.filter((line) => line.startsWith('a'))).toEqual(['a: draft', 'a: final']);
  expect(await browser.backend.server.sql('select id, text from notes order by id')).toEqual([{ id: 'a', text: 'final' }, { id: 'b', text: 'other' }]);
});

test('Q5: of two tabs in which things are enqueued one sends, each once', async () => {
  const [first, second] = await browser.twoTabs(await browser.saras());
  const [firsts, seconds] = [requestsOf(first), requestsOf(second)];
  const ids = Array.from({ length: 10 }, (_, index) => String(index));
  await Promise.all(ids.map((id) => enqueue(Number(id) % 2 === 0 ? first : second, 'add', id, 'hello')));
  await Promise.all([done(first), done(second)]);
  expect([...(await browser.written())].sort()).toEqual(ids.map((id) => `${id}: hello`));
  expect([[...firsts].sort(), seconds]).toEqual([ids, []]);
});

for (const [when, arrives] of [['before the server heard of it', false], ['before it heard the answer', true]] as const) {
  test(`Q5: when the tab that sends crashes ${when} another sends what is left, each once`, async () => {
    const [first, second] = await browser.twoTabs(await browser.saras());
    const underway = new Promise<void>((resolve) => {
      void first.route('**/rest/v1/notes**', async (route) => {
        if (arrives) await route.fetch();
        resolve();
      });
    });
    await enqueue(second, 'add', 'a', 'draft');
    await enqueue(second, 'set', 'a', 'final');
    await underway;
    const crashed = first.waitForEvent('crash');
    void (await first.context().newCDPSession(first)).send('Page.crash').catch(() => undefined);
    await crashed;
    const from = performance.now();
    await second.evaluate(() => window.app.sends());
    expect(performance.now() - from).toBeLessThan(2_000);
    await done(second);
    expect(await browser.written()).toEqual(['a: draft', 'a: final']);
  });
}

test('Q7: what a full disk refuses is kept in memory, which the state says, and is sent when the network is back', async () => {
  const person = await browser.saras();
  const page = await person.newPage();
  const session = await person.newCDPSession(page);
  // Before the page is there: the browser looks at the quota now and then.
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(browser.url).origin, quotaSize: 100_000 });
  await page.goto(browser.url);
  await person.setOffline(true);
  await enqueue(page, 'add', 'small', 'fits');
  expect(await page.evaluate(() => window.app.state())).toMatchObject({ durable: true, warning: null });
  const large = 'x'.repeat(500_000);
  await enqueue(page, 'add', 'large', large);
  expect(await page.evaluate(() => window.app.warning())).toEqual([false, 'outbox/not-durable']);
  await person.setOffline(false);
  await done(page);
  expect(await browser.backend.server.sql('select id, length(text) from written order by id')).toEqual([{ id: 'large', length: large.length }, { id: 'small', length: 4 }]);
});

test('what waits is sent though somebody deleted the database, each once', async () => {
  const person = await browser.saras();
  const [first, second] = await browser.twoTabs(person);
  await person.setOffline(true);
  await enqueue(first, 'add', 'a', 'draft');
  await enqueue(second, 'set', 'a', 'final');
  await second.evaluate(async () => {
    for (const { name = '' } of await indexedDB.databases()) await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
  });
  await person.setOffline(false);
  await Promise.all([done(first), done(second)]);
  expect(await browser.written()).toEqual(['a: draft', 'a: final']);
});
