import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { ar } from '../src/i18n/ar.ts';
import { useBrowser, type Complaint } from './support/browser.ts';
import { bothCards, card, postComment, signIn, untilBothShow, untilQueued, untilStatus } from './support/demo.ts';
import { journalOf, sql } from './support/sql.ts';

const OMAR = 'a0000000-0000-4000-8000-000000000003';
const LAYLA = 'a0000000-0000-4000-8000-000000000004';

describe('the outbox', () => {
  const browser = useBrowser();
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
    await postComment(page, text);
    for (const one of bothCards(page, 'challenge-discussion')) await one.locator('.item', { hasText: text }).getByText(ar.outbox.pending).waitFor();
    const bookmark = card(page, 'react', 'event-notifications').locator('button[aria-pressed="false"]').first();
    const title = (await bookmark.getAttribute('aria-label')) ?? '';
    await bookmark.click();
    for (const one of bothCards(page, 'event-notifications')) {
      await one.getByRole('button', { name: title, pressed: true }).waitFor();
      await one.locator('.item', { has: page.getByRole('button', { name: title }) }).getByText(ar.outbox.pending).waitFor();
    }
    // One lane, in an order that is not that of the rows.
    const asRead = ['ثانٍ', 'ثالث', 'أول'];
    for (const one of asRead) {
      await card(page, 'react', 'challenge-notifications').locator('.item', { hasText: one }).getByRole('button', { name: ar.challenges.markRead }).click();
    }
    await untilQueued(page, { pending: 5, failed: 0 });
    expect(await journalOf('challenge_comments', { content: text })).toEqual([]);
    await page.close();

    await context.setOffline(false);
    const next = await context.newPage();
    await signIn(next, 'layla');
    await untilQueued(next, { pending: 0, failed: 0 });
    await untilStatus(next, 'challenge-discussion', 'live');
    const shown = card(next, 'react', 'challenge-discussion').locator('.item', { hasText: text });
    await shown.waitFor();
    expect(await shown.getByText(ar.outbox.pending).count()).toBe(0);
    await next.reload();
    await untilStatus(next, 'challenge-discussion', 'live');
    expect(await shown.count()).toBe(1);
    for (const one of bothCards(next, 'event-notifications')) await one.getByRole('button', { name: title, pressed: true }).waitFor();

    expect(await journalOf('challenge_comments', { content: text })).toMatchObject([{ verb: 'INSERT', row: { user_id: LAYLA } }]);
    expect(await journalOf('event_bookmarks', { user_id: LAYLA })).toMatchObject([{ verb: 'INSERT' }]);
    const read = await journalOf('challenge_notifications', { recipient_id: LAYLA, is_read: true });
    expect(read.map(({ row }) => row['title'])).toEqual(asRead);
  });

  it('O1: a bookmark of the Vue half shows in both at once, waits offline, and its removal, too, is once in the database', async () => {
    const page = await browser.open('collector');
    await signIn(page, 'omar');
    await untilStatus(page, 'event-notifications', 'live');
    const [inReact, inVue] = bothCards(page, 'event-notifications');
    const inVueToo = inVue.locator('button[aria-pressed="false"]').first();
    const title = (await inVueToo.getAttribute('aria-label')) ?? '';
    await inVueToo.click();
    await inReact.getByRole('button', { name: title, pressed: true }).waitFor();
    await untilQueued(page, { pending: 0, failed: 0 });

    await page.context().setOffline(true);
    await inVue.getByRole('button', { name: title, pressed: true }).click();
    for (const one of [inReact, inVue]) {
      await one.getByRole('button', { name: title, pressed: false }).waitFor();
      await one.locator('.item', { has: page.getByRole('button', { name: title }) }).getByText(ar.outbox.pending).waitFor();
    }
    await untilQueued(page, { pending: 1, failed: 0 });
    expect(await journalOf('event_bookmarks', { user_id: OMAR })).toMatchObject([{ verb: 'INSERT' }]);

    await page.context().setOffline(false);
    await untilQueued(page, { pending: 0, failed: 0 });
    for (const one of [inReact, inVue]) expect(await one.getByText(ar.outbox.pending).count()).toBe(0);
    expect(await journalOf('event_bookmarks', { user_id: OMAR })).toMatchObject([{ verb: 'INSERT' }, { verb: 'DELETE' }]);
  });

  it('Q1, Q2: a comment whose answer was lost and that was edited meanwhile is written once, and its edit after it', async () => {
    const page = await browser.open('lost answer');
    await signIn(page, 'layla');
    await untilStatus(page, 'challenge-discussion', 'live');
    const text = `بلا جواب ${randomUUID()}`;
    const moments = new EventEmitter();
    const [written, edited] = [once(moments, 'written'), once(moments, 'edited')];
    // The server hears it and writes; its answer is not let through before there is an edit behind it, and then lost.
    await page.route('**/rest/v1/challenge_comments?*', async (route) => {
      await route.fetch();
      moments.emit('written');
      await edited;
      await route.abort('connectionreset');
    }, { times: 1 });
    await postComment(page, text, 'vue');
    await written;
    const mine = card(page, 'react', 'challenge-discussion').locator('.item', { hasText: text });
    await mine.getByRole('button', { name: ar.common.edit }).click();
    await page.getByLabel(ar.outbox.edited).fill(`${text} معدّل`);
    await page.getByRole('button', { name: ar.common.save, exact: true }).click();
    await untilQueued(page, { pending: 2, failed: 0 });
    moments.emit('edited');
    await untilQueued(page, { pending: 0, failed: 0 });
    const [comment] = await journalOf('challenge_comments', { content: text });
    expect(await journalOf('challenge_comments', { id: comment?.row['id'] })).toMatchObject([
      { verb: 'INSERT', row: { content: text } },
      { verb: 'UPDATE', row: { content: `${text} معدّل` } },
    ]);
    expect(browser.complaints().map(({ text: said }) => said)).toEqual(['Failed to load resource: net::ERR_CONNECTION_RESET']);
  });
});

/** Whether the browser itself reports a request to the backend that had no network. Nothing else has to go wrong on a train. */
function saysUnplugged({ text, url }: Complaint): boolean {
  return text === 'Failed to load resource: net::ERR_INTERNET_DISCONNECTED' && url.startsWith(`${inject('backendUrl')}/rest/v1/`);
}

/** Tells Layla something, in the database. */
function notify(titles: readonly string[]): Promise<unknown> {
  return sql(
    `insert into public.challenge_notifications (challenge_id, recipient_id, notification_type, title, message)
      select challenge.id, $1, 'deadline_reminder', title, 'بقي يومان.' from unnest($2::text[]) title, (select id from public.challenges limit 1) challenge`,
    [LAYLA, titles],
  );
}
