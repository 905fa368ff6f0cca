import { launchChromium, servePage, type ServedPage } from '@ruwad/browser';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

/** A browser for the tests of one file, and the page they are about. */
export interface TestBrowser {
  readonly url: string;
  /** The browser itself. */
  readonly browser: Browser;
  /** A browser without any storage: one person's machine. */
  person(): Promise<BrowserContext>;
  /** Opens the page in a tab. */
  readonly tab: (of: BrowserContext) => Promise<Page>;
}

/**
 * Starts a browser before the tests of this file, and ends it after them.
 *
 * @param program - the page's program, beside this file
 * @param options - as of `launchChromium`
 */
export function useBrowser(program: string, options: Parameters<typeof launchChromium>[0] = {}): TestBrowser {
  let browser: Browser | undefined;
  let served: ServedPage | undefined;
  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('it starts in beforeAll');
    return part;
  };
  beforeAll(async () => {
    [browser, served] = await Promise.all([launchChromium(options), servePage(fileURLToPath(new URL(program, import.meta.url)))]);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });
  return {
    get url() {
      return started(served).url;
    },
    get browser() {
      return started(browser);
    },
    person: () => started(browser).newContext(),
    async tab(of) {
      const page = await of.newPage();
      await page.goto(started(served).url);
      return page;
    },
  };
}
