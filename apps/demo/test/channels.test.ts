import type { Page } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ar } from '../src/i18n/ar.ts';
import { CHANNEL_IDS } from '../src/view/channels.ts';
import { useBrowser } from './support/browser.ts';
import { bothCards, card, PEOPLE, signIn, untilBothShow, untilStatus } from './support/demo.ts';

/** What the seed calls the rows that are used here. */
const SARAS_IDEA = 'مساعد فرز ذكي للطوارئ';
const EVENT = 'يوم الشركاء';
const ROOM = 'مختبر مشترك للطاقة المتجددة';

describe('what one person does, another sees in React and in Vue', () => {
  const browser = useBrowser();
  let admin: Page;
  let sara: Page;

  beforeAll(async () => {
    [admin, sara] = await Promise.all([browser.open('admin'), browser.open('sara')]);
    await Promise.all([signIn(admin, 'admin'), signIn(sara, 'sara')]);
    await Promise.all(CHANNEL_IDS.map((id) => untilStatus(admin, id, 'live')));
    // The dashboard is not Sara's to see.
    await Promise.all(CHANNEL_IDS.map((id) => untilStatus(sara, id, id === 'dashboard-updates' ? 'error' : 'live')));
  });
  afterEach(() => expect(browser.complaints()).toEqual([]));

  it('the overview counts the channels that are live for each', async () => {
    await admin.getByText(ar.channel.overview('8')).waitFor();
    await sara.getByText(ar.channel.overview('7')).waitFor();
  });

  it('challenge-notifications: the administrator tells Sara something', async () => {
    const form = card(admin, 'vue', 'challenge-notifications');
    await form.getByLabel(ar.challenges.recipient).selectOption({ label: PEOPLE.sara.ar });
    await form.getByLabel(ar.challenges.text).fill('موعدنا غداً في العاشرة');
    await form.getByRole('button', { name: ar.common.send }).click();
    await untilBothShow(sara, 'challenge-notifications', 'موعدنا غداً في العاشرة');
    expect(await card(admin, 'react', 'challenge-notifications').getByText('موعدنا غداً في العاشرة').count()).toBe(0);

    const [inReact, inVue] = bothCards(sara, 'challenge-notifications');
    await inReact.getByRole('button', { name: ar.challenges.markAllRead }).click();
    await inReact.getByText(ar.challenges.unread(0)).waitFor();
    await inVue.locator('.unread').first().waitFor({ state: 'detached' });
  });

  it('challenge-discussion: Sara types, then posts', async () => {
    const composer = card(sara, 'vue', 'challenge-discussion');
    await composer.getByLabel(ar.discussion.comment).fill('ما رأيكم في حساسات التسرب؟');
    await untilBothShow(admin, 'challenge-discussion', ar.discussion.typing(PEOPLE.sara.ar, 1));
    await composer.getByRole('button', { name: ar.discussion.post }).click();
    await untilBothShow(admin, 'challenge-discussion', 'ما رأيكم في حساسات التسرب؟');
    for (const one of bothCards(admin, 'challenge-discussion')) await one.getByText(ar.discussion.typing(PEOPLE.sara.ar, 1)).waitFor({ state: 'detached' });
  });

  it('challenge-discussion: the administrator deletes, and it is gone for Sara', async () => {
    const text = 'يُحذف بعد قليل';
    const composer = card(sara, 'react', 'challenge-discussion');
    await composer.getByLabel(ar.discussion.comment).fill(text);
    await composer.getByRole('button', { name: ar.discussion.post }).click();
    await untilBothShow(sara, 'challenge-discussion', text);
    await card(admin, 'vue', 'challenge-discussion').getByRole('listitem').filter({ hasText: text }).getByRole('button', { name: ar.common.delete }).click();
    for (const one of bothCards(sara, 'challenge-discussion')) await one.getByText(text).waitFor({ state: 'detached' });
  });

  it('dashboard-updates: a change of the team moves the numbers of an administrator elsewhere', async () => {
    const elsewhere = await browser.open('admin elsewhere');
    await signIn(elsewhere, 'admin');
    await untilStatus(elsewhere, 'dashboard-updates', 'live');
    const number = (side: 'react' | 'vue') => card(elsewhere, side, 'dashboard-updates').locator('[data-metric="team_members_count"] dd');
    const before = Number(await number('react').textContent());
    await card(admin, 'vue', 'dashboard-updates').getByRole('button', { name: ar.dashboard.activate, exact: true }).first().click();
    for (const side of ['react', 'vue'] as const) await number(side).getByText(String(before + 1), { exact: true }).waitFor();
    await elsewhere.context().close();
  });

  it('event-notifications: the administrator renames an event and moves its status', async () => {
    const rename = card(admin, 'vue', 'event-notifications');
    await rename.getByLabel(ar.events.event).selectOption({ label: EVENT });
    await rename.getByLabel(ar.events.name).fill('يوم الشركاء الكبير');
    await rename.getByRole('button', { name: ar.events.rename }).click();
    await untilBothShow(sara, 'event-notifications', 'يوم الشركاء الكبير');

    const move = card(admin, 'react', 'event-notifications');
    await move.getByLabel(ar.events.event).selectOption({ label: 'يوم الشركاء الكبير' });
    await move.getByLabel(ar.events.move).selectOption({ label: ar.events.status.cancelled });
    await untilBothShow(sara, 'event-notifications', ar.events.status.cancelled);
  });

  it('idea-notifications: the administrator approves an idea of Sara', async () => {
    const review = card(admin, 'vue', 'idea-notifications');
    await review.getByLabel(ar.ideas.idea).selectOption({ label: SARAS_IDEA });
    await review.getByLabel(ar.ideas.move).selectOption({ label: ar.ideas.status.in_development });
    await untilBothShow(sara, 'idea-notifications', ar.ideas.status.in_development);
    await card(sara, 'vue', 'idea-notifications').getByText(ar.ideas.moved(ar.ideas.status.under_review, ar.ideas.status.in_development)).waitFor();
  });

  it('opportunity-presence: Sara enters a field, changes section and moves her pointer', async () => {
    const room = card(sara, 'react', 'opportunity-presence');
    // A room of their own: the other test files meet in the first one.
    for (const page of [admin, sara]) await card(page, 'react', 'opportunity-presence').getByLabel(ar.opportunity.opportunity).selectOption({ label: ROOM });
    await untilBothShow(admin, 'opportunity-presence', ar.opportunity.here(2));
    await room.getByLabel(ar.opportunity.field).focus();
    await untilBothShow(admin, 'opportunity-presence', ar.opportunity.editing(PEOPLE.sara.ar));
    await room.getByLabel(ar.opportunity.field).blur();
    for (const one of bothCards(admin, 'opportunity-presence')) await one.getByText(ar.opportunity.editing(PEOPLE.sara.ar)).waitFor({ state: 'detached' });

    await room.locator('.cursors').hover({ position: { x: 40, y: 30 } });
    await Promise.all(bothCards(admin, 'opportunity-presence').map((one) => one.locator('.cursor').getByText(PEOPLE.sara.ar).waitFor()));

    await room.getByLabel(ar.opportunity.section).selectOption('budget');
    await Promise.all(bothCards(admin, 'opportunity-presence').map((one) => one.locator('.person', { hasText: PEOPLE.sara.ar }).getByText(ar.opportunity.sections.budget).waitFor()));
  });

  it('statistics-notifications: what Sara records, the administrator counts', async () => {
    const counter = (side: 'react' | 'vue') => card(admin, side, 'statistics-notifications').locator('[data-counter="page_view"] dd');
    const before = Number(await counter('react').textContent());
    await card(sara, 'react', 'statistics-notifications').getByRole('button', { name: ar.statistics.types.page_view }).click();
    for (const side of ['react', 'vue'] as const) await counter(side).getByText(String(before + 1), { exact: true }).waitFor();
  });

  it('global-presence: Sara goes to another page', async () => {
    await card(sara, 'vue', 'global-presence').getByLabel(ar.presence.location).selectOption('/ideas');
    await card(admin, 'react', 'global-presence').locator('.person', { hasText: PEOPLE.sara.ar }).getByText(ar.presence.locations['/ideas']).waitFor();
    await card(admin, 'vue', 'global-presence').locator('[data-location="/ideas"]').waitFor();
  });
});
