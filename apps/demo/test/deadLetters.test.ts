import { randomUUID } from 'node:crypto';
import type { Locator, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { ar } from '../src/i18n/ar.ts';
import { en } from '../src/i18n/en.ts';
import type { Messages } from '../src/i18n/ar.ts';
import { accessibilityProblems } from './support/accessibility.ts';
import { useBrowser, type Complaint } from './support/browser.ts';
import { bothCards, postComment, signIn, untilBothShow, untilQueued, untilStatus } from './support/demo.ts';
import { journalOf, sql } from './support/sql.ts';

/** A word that the database refuses while a rule says so. */
const WORD = 'ممنوع';
const setRule = (): Promise<unknown> => sql(`alter table public.challenge_comments add constraint polite check (content not like '%${WORD}%') not valid`);
const dropRule = (): Promise<unknown> => sql('alter table public.challenge_comments drop constraint if exists polite');

describe('what the server refuses for good', () => {
  const browser = useBrowser();
  beforeEach(setRule);
  afterEach(async () => {
    await dropRule();
    expect(browser.complaints().filter((complaint) => !saysRefused(complaint))).toEqual([]);
  });

  /** Posts something that is refused, and gives its text. */
  const refused = async (page: Page): Promise<string> => {
    const text = `${WORD} ${randomUUID()}`;
    await signIn(page, 'omar');
    await untilStatus(page, 'challenge-discussion', 'live');
    await postComment(page, text);
    await untilQueued(page, { pending: 0, failed: 1 });
    return text;
  };

  it('Q3: is taken back from the screen, told with the server\'s reason in both languages, kept over a reload, and sent again once the cause is gone', async () => {
    const page = await browser.open('refused');
    const text = await refused(page);
    for (const one of bothCards(page, 'challenge-discussion')) expect(await one.getByText(text).count()).toBe(0);

    await expectTold(page, ar, text);
    await page.reload();
    await untilQueued(page, { pending: 0, failed: 1 });
    await page.getByRole('button', { name: ar.brand.switchTo }).click();
    await expectTold(page, en, text);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: en.brand.switchTo }).click();

    const again = letter(page, ar, text).getByRole('button', { name: ar.outbox.retry });
    // As long as the cause is there, it comes back.
    const answered = page.waitForResponse((response) => response.status() === 400);
    await again.click();
    await answered;
    await untilQueued(page, { pending: 0, failed: 1 });
    expect(await journalOf('challenge_comments', { content: text })).toEqual([]);

    await dropRule();
    await again.click();
    await page.locator('.outbox').waitFor({ state: 'detached' });
    await untilBothShow(page, 'challenge-discussion', text);
    await untilQueued(page, { pending: 0, failed: 0 });
    expect(await journalOf('challenge_comments', { content: text })).toMatchObject([{ verb: 'INSERT' }]);
  });

  it('Q3: can be edited, and is sent as it is then', async () => {
    const page = await browser.open('editor');
    const text = await refused(page);
    const changed = text.replace(WORD, 'مسموح');
    await letter(page, ar, text).getByRole('button', { name: ar.common.edit }).click();
    await page.getByLabel(ar.outbox.edited).fill(changed);
    await page.getByRole('button', { name: ar.outbox.sendEdited }).click();
    await page.locator('.outbox').waitFor({ state: 'detached' });
    await untilBothShow(page, 'challenge-discussion', changed);
    await expect.poll(() => journalOf('challenge_comments', { content: changed })).toMatchObject([{ verb: 'INSERT' }]);
    expect(await journalOf('challenge_comments', { content: text })).toEqual([]);
  });

  it('Q3: can be discarded, and does not come back', async () => {
    const page = await browser.open('discarder');
    const text = await refused(page);
    await letter(page, ar, text).getByRole('button', { name: ar.outbox.discard }).click();
    await page.locator('.outbox').waitFor({ state: 'detached' });
    await dropRule();
    await page.reload();
    await untilStatus(page, 'challenge-discussion', 'live');
    await untilQueued(page, { pending: 0, failed: 0 });
    expect(await journalOf('challenge_comments', { content: text })).toEqual([]);
  });
});

/** The entry of a refused comment. */
function letter(page: Page, t: Messages, text: string): Locator {
  return page.getByRole('region', { name: t.outbox.label }).getByRole('listitem').filter({ hasText: text });
}

/** The page says what was refused and why, above and wherever one has scrolled to. */
async function expectTold(page: Page, t: Messages, text: string): Promise<void> {
  const entry = letter(page, t, text);
  await entry.getByText(t.outbox.actions['public.challenge_comments/insert']).waitFor();
  await entry.getByText('violates check constraint "polite"').waitFor();
  await entry.getByText('23514').waitFor();
  await page.getByRole('link', { name: t.outbox.failed('1') }).waitFor();
}

/** The browser itself reports each request that the rule refuses. */
function saysRefused({ text, url }: Complaint): boolean {
  return text === 'Failed to load resource: the server responded with a status of 400 (Bad Request)' && url.startsWith(`${inject('backendUrl')}/rest/v1/challenge_comments?`);
}
