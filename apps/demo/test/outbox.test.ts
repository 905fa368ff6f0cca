import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ar } from '../src/i18n/ar.ts';
import { useBrowser } from './support/browser.ts';
import { card, signIn, untilStatus } from './support/demo.ts';

/** Where pictures go when somebody wants to look. */
const PICTURES = process.env['PICTURES'];

describe('the outbox', () => {
  const browser = useBrowser();
  afterEach(() => expect(browser.complaints().filter(({ text }) => !/ERR_INTERNET_DISCONNECTED|WebSocket/.test(text))).toEqual([]));

  it('O1: what is written offline is shown as waiting, survives the page, and is there once after the next one came online', async () => {
    const page = await browser.open('on a train');
    await signIn(page, 'layla');
    await Promise.all([untilStatus(page, 'challenge-discussion', 'live'), untilStatus(page, 'event-notifications', 'live')]);
    const context = page.context();
    await context.setOffline(true);

    const text = `من القطار ${String(Date.now())}`;
    const discussion = card(page, 'react', 'challenge-discussion');
    await discussion.getByLabel(ar.discussion.comment).fill(text);
    await discussion.getByRole('button', { name: ar.discussion.post }).click();
    await discussion.locator('.item', { hasText: text }).getByText(ar.outbox.pending).waitFor();
    const bookmark = card(page, 'react', 'event-notifications').locator('button[aria-pressed="false"]').first();
    const title = (await bookmark.getAttribute('aria-label')) ?? '';
    await bookmark.click();
    await page.getByRole('button', { name: title, pressed: true }).waitFor();
    await page.locator('.outbox[data-pending="2"]').waitFor();
    if (PICTURES !== undefined) {
      mkdirSync(PICTURES, { recursive: true });
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const width of [1280, 390]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width, height: 900 });
          await page.screenshot({ path: join(PICTURES, `outbox-${colorScheme}-${String(width)}.png`) });
        }
      }
    }
    await page.close();

    await context.setOffline(false);
    const next = await context.newPage();
    await signIn(next, 'layla');
    await next.locator('.outbox').waitFor({ state: 'detached' });
    await untilStatus(next, 'challenge-discussion', 'live');
    const shown = card(next, 'react', 'challenge-discussion').locator('.item', { hasText: text });
    await shown.waitFor();
    expect(await shown.getByText(ar.outbox.pending).count()).toBe(0);
    await next.reload();
    await untilStatus(next, 'challenge-discussion', 'live');
    expect(await shown.count()).toBe(1);
    await next.getByRole('button', { name: title, pressed: true }).waitFor();
  });
});
