import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { ar } from '../src/i18n/ar.ts';
import { CHANNEL_IDS } from '../src/view/channels.ts';
import { useBrowser } from './support/browser.ts';
import { card, signIn, untilBothShow, untilStatus } from './support/demo.ts';
import { tapWire } from './support/wire.ts';

/** What a page hears when its window gets the focus. */
const comeBack = (page: Page): Promise<void> => page.evaluate(() => void window.dispatchEvent(new Event('focus')));

const setVisibility = (page: Page, state: DocumentVisibilityState): Promise<void> =>
  page.evaluate((visibilityState) => {
    Object.defineProperty(document, 'visibilityState', { value: visibilityState, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);

/** Takes the chance out of the waits between retries, and so the waits. */
const retryAtOnce = (page: Page): Promise<unknown> => page.addInitScript(() => { Math.random = () => 0; });

/** Timers that the page starts from now on never fire. */
const stopTimers = (page: Page): Promise<void> => page.evaluate(() => { window.setTimeout = (() => 0) as never; });

describe('the connection', () => {
  const browser = useBrowser();
  afterEach(() => expect(browser.complaints()).toEqual([]));

  it('R1: a channel with tables says it is live only after the server confirmed its changes', async () => {
    const page = await browser.open('early');
    const wire = await tapWire(page);
    const joined = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived', ({ payload }) => String(payload).includes('"system"')));
    wire.hold((message) => message.includes('"system"') && message.includes('event-notifications'));
    await signIn(page, 'omar');
    // Another channel's confirmation is through, so joins are being answered; only this one's is kept back.
    await Promise.all([joined, untilStatus(page, 'challenge-notifications', 'live')]);
    await untilStatus(page, 'event-notifications', 'loading');
    wire.release();
    await untilStatus(page, 'event-notifications', 'live');
  });

  it('says that it reconnects when the server goes away, and comes back by itself', async () => {
    const page = await browser.open('cut off');
    const wire = await tapWire(page);
    await page.clock.install();
    await signIn(page, 'admin');
    await Promise.all(CHANNEL_IDS.map((id) => untilStatus(page, id, 'live')));

    await wire.cut();
    await page.locator('[data-connection="reconnecting"]').waitFor();
    await Promise.all(CHANNEL_IDS.map((id) => untilStatus(page, id, 'stale')));
    expect(await page.locator('[data-status="live"]').count()).toBe(0);

    wire.mend();
    // No wait between two retries is longer.
    await page.clock.fastForward(30_000);
    await page.locator('[data-connection="open"]').waitFor();
    await Promise.all(CHANNEL_IDS.map((id) => untilStatus(page, id, 'live')));
  });

  it('C5: when somebody comes back to the page, a socket that is dead without a sign is replaced', async () => {
    const page = await browser.open('asleep');
    const wire = await tapWire(page);
    await signIn(page, 'layla');
    await untilStatus(page, 'event-notifications', 'live');
    wire.hold(() => true);
    // 2.5 s for an answer that does not come, and what supabase-js and the browser need to change sockets.
    const replaced = page.waitForEvent('websocket', { timeout: 5_000 });
    await comeBack(page);
    await replaced;
    wire.release();
    await untilStatus(page, 'event-notifications', 'live');
  });

  it('C5: a page that nobody sees reconnects as well, on the time of a worker, which ends when the page is shown', async () => {
    const page = await browser.open('hidden');
    const wire = await tapWire(page);
    await retryAtOnce(page);
    await signIn(page, 'omar');
    await untilStatus(page, 'event-notifications', 'live');
    expect(page.workers()).toHaveLength(0);
    const started = page.waitForEvent('worker');
    await setVisibility(page, 'hidden');
    const worker = await started;
    // From here no timer of the page itself fires.
    await stopTimers(page);
    await wire.cut();
    await untilStatus(page, 'event-notifications', 'stale');
    wire.mend();
    await page.locator('[data-connection="open"]').waitFor();
    const ended = worker.waitForEvent('close');
    await setVisibility(page, 'visible');
    await ended;
  });

  it('C5: where a policy refuses the worker, a hidden page reconnects without', async () => {
    const page = await browser.open('policy');
    const wire = await tapWire(page);
    await retryAtOnce(page);
    await signIn(page, 'omar');
    await untilStatus(page, 'event-notifications', 'live');
    await page.evaluate(() => {
      const policy = document.createElement('meta');
      Object.assign(policy, { httpEquiv: 'Content-Security-Policy', content: "worker-src 'none'" });
      document.head.append(policy);
    });
    await setVisibility(page, 'hidden');
    await wire.cut();
    await untilStatus(page, 'event-notifications', 'stale');
    wire.mend();
    await untilStatus(page, 'event-notifications', 'live');
    const [complaint, ...others] = browser.complaints();
    expect([complaint?.text, others]).toEqual([expect.stringContaining("worker-src 'none'"), []]);
  });

  it('tries again at once on a click, whatever the backoff says', async () => {
    const page = await browser.open('impatient');
    const wire = await tapWire(page);
    await page.clock.install();
    await signIn(page, 'layla');
    await untilStatus(page, 'event-notifications', 'live');
    // From here no timer fires, so no retry comes by itself.
    await page.clock.pauseAt(Date.now() + 60_000);
    await wire.cut();
    await page.locator('[data-connection="reconnecting"]').waitFor();
    wire.mend();
    await page.getByRole('button', { name: ar.connection.reconnect }).click();
    await page.locator('[data-connection="open"]').waitFor();
  });

  it('catches up with what happened while it was away', async () => {
    const [away, present] = await Promise.all([browser.open('away'), browser.open('present')]);
    const wire = await tapWire(away);
    await Promise.all([signIn(away, 'omar'), signIn(present, 'layla')]);
    await untilStatus(away, 'challenge-discussion', 'live');
    await wire.cut();
    await untilStatus(away, 'challenge-discussion', 'stale');

    const composer = card(present, 'react', 'challenge-discussion');
    await composer.getByLabel(ar.discussion.comment).fill('كُتب في غيابك');
    await composer.getByRole('button', { name: ar.discussion.post }).click();
    await untilBothShow(present, 'challenge-discussion', 'كُتب في غيابك');
    expect(await away.getByText('كُتب في غيابك').count()).toBe(0);

    wire.mend();
    await comeBack(away);
    await untilBothShow(away, 'challenge-discussion', 'كُتب في غيابك');
  });

  it('says that there is no network when the browser says so, and returns with it', async () => {
    const page = await browser.open('tunnel');
    // A read that the tunnel cuts off would be a complaint of the browser.
    const read = ['challenge', 'idea', 'event', 'opportunity', 'partner'].map((kind) => page.waitForResponse((response) => response.url().includes(`/rest/v1/${kind}_bookmarks`)));
    await signIn(page, 'omar');
    await Promise.all([...read, untilStatus(page, 'event-notifications', 'live')]);
    await page.context().setOffline(true);
    await page.locator('[data-connection="offline"]').waitFor();
    await untilStatus(page, 'event-notifications', 'stale');
    await page.context().setOffline(false);
    await page.locator('[data-connection="open"]').waitFor();
    await untilStatus(page, 'event-notifications', 'live');
  });
});
