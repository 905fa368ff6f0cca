import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ar } from '../src/i18n/ar.ts';
import { accessibilityProblems } from './support/accessibility.ts';
import { useBrowser } from './support/browser.ts';
import { signIn, visit } from './support/demo.ts';

const FOLDER = fileURLToPath(new URL('../../../test-results/', import.meta.url));

const SCREENS = [
  { name: 'desktop', viewport: { width: 1440, height: 900 }, language: 'ar', colorScheme: 'light' },
  { name: 'desktop', viewport: { width: 1440, height: 900 }, language: 'en', colorScheme: 'dark' },
  { name: 'phone', viewport: { width: 390, height: 844 }, language: 'ar', colorScheme: 'dark' },
  { name: 'phone', viewport: { width: 390, height: 844 }, language: 'en', colorScheme: 'light' },
] as const;

describe('the page', () => {
  const browser = useBrowser();
  beforeAll(() => mkdir(FOLDER, { recursive: true }));
  afterEach(() => expect(browser.complaints()).toEqual([]));

  it.each(SCREENS)('fits a $name in $language, $colorScheme, and is accessible', async ({ name, viewport, language, colorScheme }) => {
    const page = await browser.open(name, { viewport, colorScheme, hasTouch: name === 'phone' });
    await signIn(page, 'admin');
    if (language === 'en') await page.getByRole('button', { name: ar.brand.switchTo }).click();
    await page.locator('#react-event-notifications [data-status="live"]').waitFor();
    // For the eye: a picture is kept, not compared.
    await page.screenshot({ path: `${FOLDER}${name}-${language}-${colorScheme}.png`, fullPage: true });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('greets everybody in an accessible way, %s', async (colorScheme) => {
    const page = await browser.open('visitor', { colorScheme });
    await visit(page);
    await page.getByRole('heading', { name: ar.signIn.title }).waitFor();
    await page.screenshot({ path: `${FOLDER}signin-${colorScheme}.png` });
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('shows one side at a time on a phone', async () => {
    const page = await browser.open('phone', { viewport: { width: 390, height: 844 }, hasTouch: true });
    await signIn(page, 'admin');
    expect(await page.locator('#vue-event-notifications').isVisible()).toBe(false);
    await page.getByRole('button', { name: ar.sides.vue }).click();
    await page.locator('#vue-event-notifications').waitFor();
    expect(await page.locator('#react-event-notifications').isVisible()).toBe(false);
    await page.locator('#vue-event-notifications [data-status="live"]').waitFor();
  });
});
