import { createTestBackend, type TestBackend } from '@ruwad/realtime-devserver/testing';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { useBrowser } from './browser.ts';
import type { PageSettings } from './outboxPage.ts';

/** What is written is written down by the database too, so that a second time would show. */
const TABLES = `
  create table public.notes (id text primary key, text text not null);
  create table public.written (seq bigserial primary key, id text not null, text text not null);
  create function public.write_down() returns trigger language plpgsql security definer as $$
    begin insert into public.written (id, text) values (new.id, new.text); return new; end $$;
  create trigger write_down after insert or update on public.notes for each row execute function public.write_down();
  grant all on public.notes to authenticated;`;

const SARA = 'a0000000-0000-4000-8000-000000000002';

const browser = useBrowser('./outboxPage.ts');
let backend: TestBackend;
beforeAll(async () => { backend = await createTestBackend({ migrations: null, seed: null, setup: TABLES }); });
afterAll(async () => { await backend.close(); });
beforeEach(async () => { await backend.reset(); });

/** Sara's browser, in which she is signed in. */
async function sarasBrowser(): Promise<BrowserContext> {
  const person = await browser.person();
  const settings: PageSettings = { url: backend.url, anonKey: backend.anonKey, token: await backend.server.signToken({ sub: SARA, role: 'authenticated' }), userId: SARA };
  await person.addInitScript((given) => { window.settings = given; }, settings);
  return person;
}

const written = async (): Promise<readonly string[]> => (await backend.server.sql<{ id: string; text: string }>('select id, text from written order by seq')).map(({ id, text }) => `${id}: ${text}`);

const enqueue = (page: Page, name: 'add' | 'set', id: string, text: string): Promise<void> =>
  page.evaluate((given) => window.app.enqueue(given.name, given.id, given.text), { name, id, text });

const done = (page: Page): Promise<void> => page.evaluate(() => window.app.done());

/** Ids of notes whose requests a page sent. */
function requestsOf(page: Page): readonly string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('/rest/v1/notes')) sent.push((request.postDataJSON() as { id: string }).id);
  });
  return sent;
}

/** Two tabs, of which the first sends. */
async function twoTabs(person: BrowserContext): Promise<readonly [Page, Page]> {
  const first = await browser.tab(person);
  await first.evaluate(() => window.app.sends());
  return [first, await browser.tab(person)];
}

test('Q5: what was enqueued offline in a tab that was closed arrives once, in order, when the app is opened online', async () => {
  const person = await sarasBrowser();
  const train = await browser.tab(person);
  await person.setOffline(true);
  await enqueue(train, 'add', 'a', 'draft');
  await enqueue(train, 'add', 'b', 'other');
  await enqueue(train, 'set', 'a', 'final');
  expect(await train.evaluate(() => window.app.state())).toMatchObject({ durable: true, warning: null, pending: [{ name: 'add-note' }, { name: 'add-note' }, { name: 'set-note' }] });
  await train.close();
  expect(await written()).toEqual([]);

  await person.setOffline(false);
  const home = await browser.tab(person);
  await done(home);
  const all = await written();
  expect([...all].sort()).toEqual(['a: draft', 'a: final', 'b: other']);
  expect(all.filter((line) => line.startsWith('a'))).toEqual(['a: draft', 'a: final']);
  expect(await backend.server.sql('select id, text from notes order by id')).toEqual([{ id: 'a', text: 'final' }, { id: 'b', text: 'other' }]);
});

test('Q5: of two tabs in which things are enqueued one sends, each once', async () => {
  const [first, second] = await twoTabs(await sarasBrowser());
  const [firsts, seconds] = [requestsOf(first), requestsOf(second)];
  const ids = Array.from({ length: 10 }, (_, index) => String(index));
  await Promise.all(ids.map((id) => enqueue(Number(id) % 2 === 0 ? first : second, 'add', id, 'hello')));
  await Promise.all([done(first), done(second)]);
  expect([...(await written())].sort()).toEqual(ids.map((id) => `${id}: hello`));
  expect([[...firsts].sort(), seconds]).toEqual([ids, []]);
});

for (const [when, arrives] of [['before the server heard of it', false], ['before it heard the answer', true]] as const) {
  test(`Q5: when the tab that sends crashes ${when} another sends what is left, each once`, async () => {
    const [first, second] = await twoTabs(await sarasBrowser());
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
    expect(await written()).toEqual(['a: draft', 'a: final']);
  });
}

test('Q7: what a full disk refuses is kept in memory, which the state says, and is sent when the network is back', async () => {
  const person = await sarasBrowser();
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
  expect(await backend.server.sql('select id, length(text) from written order by id')).toEqual([{ id: 'large', length: large.length }, { id: 'small', length: 4 }]);
});

test('what waits is sent though somebody deleted the database, each once', async () => {
  const person = await sarasBrowser();
  const [first, second] = await twoTabs(person);
  await person.setOffline(true);
  await enqueue(first, 'add', 'a', 'draft');
  await enqueue(second, 'set', 'a', 'final');
  await second.evaluate(async () => {
    for (const { name = '' } of await indexedDB.databases()) await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
  });
  await person.setOffline(false);
  await Promise.all([done(first), done(second)]);
  expect(await written()).toEqual(['a: draft', 'a: final']);
});
