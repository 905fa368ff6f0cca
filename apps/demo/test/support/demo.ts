import type { Locator, Page } from 'playwright-core';
import { inject } from 'vitest';
import { ar } from '../../src/i18n/ar.ts';
import type { ChannelId, Side } from '../../src/view/channels.ts';

/** Who the tests are; the accounts of `supabase/seed.sql`. */
export const PEOPLE = {
  admin: { ar: 'عبدالله الحربي', en: 'Abdullah Al-Harbi' },
  sara: { ar: 'سارة القحطاني', en: 'Sara Al-Qahtani' },
  omar: { ar: 'عمر الزهراني', en: 'Omar Al-Zahrani' },
  layla: { ar: 'ليلى الشمري', en: 'Layla Al-Shammari' },
};
export type PersonKey = keyof typeof PEOPLE;

/** Opens the demo's first page. */
export async function visit(page: Page): Promise<void> {
  await page.goto(inject('demoUrl'));
}

/**
 * Signs in with a click, in Arabic, as a visitor does.
 * Test files share one backend: Sara belongs to channels.test.ts, where it matters that she is nowhere else.
 */
export async function signIn(page: Page, person: PersonKey): Promise<void> {
  await visit(page);
  await page.getByRole('button', { name: `الدخول باسم ${PEOPLE[person].ar}` }).click();
  await card(page, 'react', 'challenge-notifications').waitFor();
  // The browser complains of a socket that is closed before it is open, as a sign-out at once would.
  await page.locator('[data-connection="open"]').waitFor();
}

/** The card of a channel in one of the columns. */
export function card(page: Page, side: Side, channel: ChannelId): Locator {
  return page.locator(`#${side}-${channel}`);
}

/** The same card in both columns: what one shows, the other must. */
export function bothCards(page: Page, channel: ChannelId): readonly [Locator, Locator] {
  return [card(page, 'react', channel), card(page, 'vue', channel)];
}

/** Resolves when the channel's card says `status` in both columns. */
export async function untilStatus(page: Page, channel: ChannelId, status: string): Promise<void> {
  await Promise.all(bothCards(page, channel).map((one) => one.locator(`[data-status="${status}"]`).waitFor()));
}

/** Resolves when both cards of the channel show the text. */
export async function untilBothShow(page: Page, channel: ChannelId, text: string | RegExp): Promise<void> {
  await Promise.all(bothCards(page, channel).map((one) => one.getByText(text).first().waitFor()));
}

/** Posts a comment in the discussion that is open. */
export async function postComment(page: Page, text: string, side: Side = 'react'): Promise<void> {
  const discussion = card(page, side, 'challenge-discussion');
  await discussion.getByLabel(ar.discussion.comment).fill(text);
  await discussion.getByRole('button', { name: ar.discussion.post }).click();
}

/** Resolves when the page says that so many writes wait, and so many were refused. */
export async function untilQueued(page: Page, { pending, failed }: { pending: number; failed: number }): Promise<void> {
  await page.locator(`[data-pending="${String(pending)}"][data-failed="${String(failed)}"]`).waitFor({ state: 'attached' });
}
