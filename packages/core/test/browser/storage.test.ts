import { launchProfile } from '@ruwad/browser';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { storageContract } from '../support/storageContract.ts';
import { useBrowser } from './browser.ts';
import type {} from './storagePage.ts';

const browser = useBrowser('./storagePage.ts');

const devtools = (page: Page): Promise<CDPSession> => page.context().newCDPSession(page);

const isLeading = (page: Page): Promise<boolean> => page.evaluate(() => window.commands.isLeading());

/** Two tabs of which the first leads and the second waits. */
async function twoTabs(person: BrowserContext): Promise<readonly [Page, Page]> {
  const [first, second] = [await browser.tab(person), await browser.tab(person)];
  await first.evaluate(() => window.commands.stand());
  await first.evaluate(() => window.commands.leads());
  await second.evaluate(() => window.commands.stand());
  return [first, second];
}

/** How long it takes until the tab leads, in ms. */
async function untilLeads(page: Page): Promise<number> {
  const from = performance.now();
  await page.evaluate(() => window.commands.leads());
  return performance.now() - from;
}

async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  // Never answered: nobody is left to answer.
  void (await devtools(page)).send('Page.crash').catch(() => undefined);
  await crashed;
}

describe('IndexedDB in Chromium', () => {
  test('keeps what every storage promises', async () => {
    const page = await browser.tab(await browser.person());
    for (const { name } of storageContract) expect([name, await page.evaluate((it) => window.commands.keepsPromise(it), name)]).toEqual([name, null]);
  });

  test('Q7: a full disk rejects with why and keeps what was stored; freed, it takes more', async () => {
    const person = await browser.person();
    const page = await person.newPage();
    const session = await devtools(page);
    const origin = new URL(browser.url).origin;
    // Before the page is there: the browser looks at the quota now and then.
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 100_000 });
    await page.goto(browser.url);
    expect(await page.evaluate(() => window.commands.add('small'))).toBeNull();
    expect(await page.evaluate(() => window.commands.add('large', 20_000_000))).toBe('QuotaExceededError');
    expect(await page.evaluate(() => window.commands.ids())).toEqual(['small']);
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    expect(await page.evaluate(() => window.commands.add('large', 20_000_000))).toBeNull();
    expect(await page.evaluate(() => window.commands.ids())).toEqual(['small', 'large']);
  });

  test('Q7: a page without IndexedDB is refused', async () => {
    const person = await browser.person();
    await person.addInitScript(() => { Object.defineProperty(window, 'indexedDB', { value: undefined }); });
    const page = await browser.tab(person);
    expect(await page.evaluate(() => window.commands.add('a'))).toBe('Error');
  });

  test('goes on after somebody deleted the database, and after the browser cleared the site', async () => {
    const person = await browser.person();
    const [page, other] = [await browser.tab(person), await browser.tab(person)];
    await page.evaluate(() => window.commands.add('a'));
    await other.evaluate(() => new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase('ruwad-outbox/sara');
      request.onsuccess = resolve;
      request.onerror = reject;
    }));
    expect(await page.evaluate(() => window.commands.ids())).toEqual([]);
    expect(await page.evaluate(() => window.commands.add('b'))).toBeNull();
    await (await devtools(page)).send('Storage.clearDataForOrigin', { origin: new URL(browser.url).origin, storageTypes: 'indexeddb' });
    expect(await page.evaluate(() => window.commands.add('c'))).toBeNull();
    expect(await other.evaluate(() => window.commands.ids())).toEqual(['c']);
  });

  test('Q1: what was stored is there after the browser was killed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ruwad-profile-'));
    try {
      const before = await launchProfile(directory);
      const page = await before.newPage();
      await page.goto(browser.url);
      expect(await page.evaluate(() => window.commands.add('a'))).toBeNull();
      const closed = new Promise((resolve) => { before.once('close', resolve); });
      killBrowser(directory);
      await closed;
      const after = await launchProfile(directory);
      const again = await after.newPage();
      await again.goto(browser.url);
      expect(await again.evaluate(() => window.commands.ids())).toEqual(['a']);
      await after.close();
    } finally {
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    }
  });
});

describe('tabs in Chromium, by Web Locks', () => {
  test('Q5: when the tab that drains is closed without notice another does within 2 s', async () => {
    const [first, second] = await twoTabs(await browser.person());
    expect(await isLeading(second)).toBe(false);
    await first.close({ runBeforeUnload: false });
    expect(await untilLeads(second)).toBeLessThan(2_000);
  });

  test('Q5: when its process crashes another does within 2 s', async () => {
    const [first, second] = await twoTabs(await browser.person());
    await crash(first);
    expect(await untilLeads(second)).toBeLessThan(2_000);
  });
});

describe('tabs in Chromium, by the lease', () => {
  async function withoutLocks(): Promise<BrowserContext> {
    const person = await browser.person();
    await person.addInitScript(() => { Object.defineProperty(navigator, 'locks', { value: undefined }); });
    return person;
  }

  test('Q5: when the process of the tab that drains crashes another does within 2 s', async () => {
    const [first, second] = await twoTabs(await withoutLocks());
    expect(await isLeading(second)).toBe(false);
    await crash(first);
    expect(await untilLeads(second)).toBeLessThan(2_000);
  });

  test('a tab that was held up while another took over is refused the next change of the queue', async () => {
    const [first, second] = await twoTabs(await withoutLocks());
    await first.evaluate(() => window.commands.add('a'));
    const session = await devtools(first);
    await session.send('Debugger.enable');
    const paused = new Promise((resolve) => { session.once('Debugger.paused', resolve); });
    await session.send('Debugger.pause');
    // What it does next when it goes on, before any of its timers.
    const attempted = first.evaluate(() => window.commands.begin('a'));
    await paused;
    await untilLeads(second);
    expect(await second.evaluate(() => window.commands.begin('a'))).toBeNull();
    await session.send('Debugger.resume');
    expect(await attempted).toBe('another tab drains the queue now');
    expect(await isLeading(first)).toBe(false);
    expect(await second.evaluate(() => window.commands.attempts())).toEqual([1]);
  });
});

/** Kills the browser of a profile with all its processes: those that have the profile on their command line, begun by this test. */
function killBrowser(directory: string): void {
  const pids = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n').filter((line) => line.includes(`--user-data-dir=${directory}`));
  for (const line of pids) {
    try {
      process.kill(Number.parseInt(line, 10), 'SIGKILL');
    } catch {
      // It ended with another.
    }
  }
}
