import type { Page } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { ar } from '../src/i18n/ar.ts';
import { useBrowser, type Complaint } from './support/browser.ts';
import { card, signIn, untilBothShow, untilStatus } from './support/demo.ts';
import { journalOf, keepJournal, sql } from './support/sql.ts';

const LAYLA = 'a0000000-0000-4000-8000-000000000004';

describe('the outbox', () => {
  const browser = useBrowser();
  beforeAll(keepJournal);
  afterEach(() => expect(browser.complaints().filter((complaint) => !saysUnplugged(complaint))).toEqual([]));

  it('O1, Q1, Q2: what is written offline is shown as waiting, survives the page, and is there once and in order after the next one came online', async () => {
    const titles = ['أول', 'ثانٍ', 'ثالث'];
    await notify(titles);
    const page = await browser.open('on a train');
    await signIn(page, 'layla');
    await Promise.all([untilStatus(page, 'challenge-discussion', 'live'), untilStatus(page, 'event-notifications', 'live'), untilBothShow(page, 'challenge-notifications', 'ثالث')]);
    const context = page.context();
    await context.setOffline(true);

    const text = `من القطار ${String(Date.now())}`;
    await post(page, text);
    await card(page, 'react', 'challenge-discussion').locator('.item', { hasText: text }).getByText(ar.outbox.pending).waitFor();
    const bookmark = card(page, 'react', 'event-notifications').locator('button[aria-pressed="false"]').first();
    const title = (await bookmark.getAttribute('aria-label')) ?? '';
    await bookmark.click();
    await page.getByRole('button', { name: title, pressed: true }).waitFor();
    // One lane, in an order that is not that of the rows.
    const asRead = ['ثانٍ', 'ثالث', 'أول'];
    for (const one of asRead) {
      await card(page, 'react', 'challenge-notifications').locator('.item', { hasText: one }).getByRole('button', { name: ar.challenges.markRead }).click();
    }
    await page.locator('.outbox[data-pending="5"]').waitFor();
    expect(await journalOf('challenge_comments', { content: text })).toEqual([]);
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

    expect(await journalOf('challenge_comments', { content: text })).toMatchObject([{ verb: 'INSERT', row: { user_id: LAYLA } }]);
    expect(await journalOf('event_bookmarks', { user_id: LAYLA })).toMatchObject([{ verb: 'INSERT' }]);
    const read = await journalOf('challenge_notifications', { recipient_id: LAYLA, is_read: true });
    expect(read.map(({ row }) => row['title'])).toEqual(asRead);
  });
});

/** Whether the browser itself reports a request to the backend that had no network. Nothing else has to go wrong on a train. */
function saysUnplugged({ text, url }: Complaint): boolean {
  return text === 'Failed to load resource: net::ERR_INTERNET_DISCONNECTED' && url.startsWith(`${inject('backendUrl')}/rest/v1/`);
}

/** Posts a comment in React. */
async function post(page: Page, text: string): Promise<void> {
  const discussion = card(page, 'react', 'challenge-discussion');
  await discussion.getByLabel(ar.discussion.comment).fill(text);
  await discussion.getByRole('button', { name: ar.discussion.post }).click();
}

/** Tells Layla something, in the database. */
function notify(titles: readonly string[]): Promise<unknown> {
  return sql(
    `insert into public.challenge_notifications (challenge_id, recipient_id, notification_type, title, message)
      select challenge.id, $1, 'deadline_reminder', title, 'بقي يومان.' from unnest($2::text[]) title, (select id from public.challenges limit 1) challenge`,
    [LAYLA, titles],
  );
}
