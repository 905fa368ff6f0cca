import { afterEach, describe, expect, inject, it } from 'vitest';
import { ar } from '../src/i18n/ar.ts';
import { useBrowser } from './support/browser.ts';
import { bothCards, card, PEOPLE, signIn, visit } from './support/demo.ts';

const AUTH = '**/auth/v1/token**';

describe('the session', () => {
  const browser = useBrowser();
  afterEach(() => expect(browser.complaints()).toEqual([]));

  it('belongs to a tab: two tabs of one browser are two people, also after a reload', async () => {
    const first = await browser.open('first tab');
    const second = await first.context().newPage();
    await signIn(first, 'layla');
    await signIn(second, 'omar');
    await Promise.all([first.reload(), second.reload()]);
    await first.locator('.me').getByText(PEOPLE.layla.ar).waitFor();
    await second.locator('.me').getByText(PEOPLE.omar.ar).waitFor();
  });

  it('closes its socket on sign-out and offers everybody again', async () => {
    const page = await browser.open('leaver');
    const opened = page.waitForEvent('websocket');
    await signIn(page, 'omar');
    const socket = await opened;
    const closed = socket.isClosed() ? undefined : socket.waitForEvent('close');
    await page.getByRole('button', { name: ar.signIn.signOut }).click();
    const another = page.getByRole('button', { name: ar.signIn.as(PEOPLE.layla.ar) });
    await Promise.all([another.waitFor(), closed]);
    await page.reload();
    await another.waitFor();
  });

  it('lets another person in on the same tab, and shows theirs', async () => {
    const page = await browser.open('shared tab');
    await signIn(page, 'omar');
    await page.getByRole('button', { name: ar.signIn.signOut }).click();
    await page.getByRole('button', { name: ar.signIn.as(PEOPLE.layla.ar) }).click();
    await page.locator('.me').getByText(PEOPLE.layla.ar).waitFor();
  });

  it('ends on this tab even when the server cannot be told', async () => {
    const page = await browser.open('unheard');
    await signIn(page, 'omar');
    await page.route('**/auth/v1/logout**', (route) => route.abort('connectionrefused'));
    await page.getByRole('button', { name: ar.signIn.signOut }).click();
    const another = page.getByRole('button', { name: ar.signIn.as(PEOPLE.layla.ar) });
    await another.waitFor();
    await page.reload();
    await another.waitFor();
    // The browser itself reports the request that this test refuses.
    expect(browser.complaints().filter(({ text }) => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  });

  it('says why the server refused', async () => {
    const page = await browser.open('refused');
    await page.route(AUTH, (route) => route.fulfill({ status: 400, json: { code: 'invalid_credentials', message: 'Invalid login credentials' } }));
    await visit(page);
    await page.getByRole('button', { name: ar.signIn.as(PEOPLE.sara.ar) }).click();
    await page.getByRole('alert').getByText(ar.signIn.refused('Invalid login credentials')).waitFor();
    // The browser itself reports the 400 that this test answers with.
    expect(browser.complaints().filter(({ text }) => !text.includes('status of 400'))).toEqual([]);
  });

  it('names `npm start` when the backend cannot be reached', async () => {
    const page = await browser.open('alone');
    await page.route(AUTH, (route) => route.abort('connectionrefused'));
    await visit(page);
    await page.getByRole('button', { name: ar.signIn.as(PEOPLE.sara.ar) }).click();
    const alert = page.getByRole('alert');
    await alert.getByText(ar.signIn.unreachable(inject('backendUrl'))).waitFor();
    expect(await alert.textContent()).toContain('npm start');
    // The browser itself reports the requests that this test refuses.
    expect(browser.complaints().filter(({ text }) => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  });

  it('ends when its person is no more, and a reload does not ask again', async () => {
    const page = await browser.open('removed');
    await signIn(page, 'omar');
    // What PostgREST says when `single()` finds no row: the profile went with the account.
    await page.route('**/rest/v1/profiles?*id=eq.*', (route) =>
      route.fulfill({ status: 406, json: { code: 'PGRST116', message: 'Cannot coerce the result to a single JSON object', details: 'The result contains 0 rows', hint: null } }),
    );
    await page.reload();
    await page.getByRole('alert').getByText(ar.signIn.ended).waitFor();
    await page.reload();
    await page.getByRole('button', { name: ar.signIn.as(PEOPLE.layla.ar) }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    // The browser itself reports the 406 that this test answers with.
    expect(browser.complaints().filter(({ text }) => !text.includes('status of 406'))).toEqual([]);
  });

  it('says what is for administrators only, instead of showing nothing', async () => {
    const page = await browser.open('innovator');
    await signIn(page, 'omar');
    for (const one of bothCards(page, 'dashboard-updates')) await one.getByText(ar.channel.refused(ar.roles.innovator)).waitFor();
    for (const one of bothCards(page, 'statistics-notifications')) await one.getByText(ar.channel.hidden(ar.roles.innovator)).waitFor();
    await card(page, 'vue', 'challenge-notifications').getByText(ar.common.adminsOnly).waitFor();
  });
});
