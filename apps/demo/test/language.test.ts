import { afterEach, describe, expect, it } from 'vitest';
import { ar } from '../src/i18n/ar.ts';
import { en } from '../src/i18n/en.ts';
import { useBrowser } from './support/browser.ts';
import { bothCards, signIn, visit } from './support/demo.ts';

describe('the language', () => {
  const browser = useBrowser();
  afterEach(() => expect(browser.complaints()).toEqual([]));

  it('is Arabic at first, from right to left', async () => {
    const page = await browser.open('newcomer');
    await visit(page);
    await page.getByRole('heading', { name: ar.signIn.title }).waitFor();
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    expect(await page.locator('html').getAttribute('lang')).toBe('ar');
  });

  it('switches the whole page, React and Vue, and is remembered', async () => {
    const page = await browser.open('switcher');
    await signIn(page, 'omar');
    await page.getByRole('button', { name: ar.brand.switchTo }).click();
    await page.getByRole('heading', { name: en.sides.react }).waitFor();
    await page.getByRole('heading', { name: en.sides.vue }).waitFor();
    expect(await page.locator('html').getAttribute('dir')).toBe('ltr');

    await page.reload();
    await page.getByRole('heading', { name: en.sides.vue }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  it('shows a row in the language of the reader, and in the other one where that is missing', async () => {
    const page = await browser.open('reader');
    await signIn(page, 'omar');
    await page.getByRole('button', { name: ar.brand.switchTo }).click();
    for (const one of bothCards(page, 'opportunity-presence')) {
      const titles = await one.getByLabel(en.opportunity.opportunity).locator('option').allTextContents();
      expect(titles).toContain('Sponsor the water hackathon');
      expect(titles).toContain('تحالف البيانات المفتوحة');
    }
  });
});
