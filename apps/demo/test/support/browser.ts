import { launchChromium } from '@ruwad/browser';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

/** A console message or uncaught error of a page that nobody expected. */
export interface Complaint {
  page: string;
  text: string;
  /** What the browser says it is about: a script, or the request that failed. */
  url: string;
}

/** One browser a test file. */
export interface TestBrowser {
  /** Opens a page in a context of its own: its own storage, its own person. */
  open(name: string, options?: BrowserContextOptions): Promise<Page>;
  /** What pages complained about since the last call; a test that expects complaints takes them itself. */
  complaints(): Complaint[];
}

/** Starts a browser before the tests of this file and closes it, with every page, after them. */
export function useBrowser(): TestBrowser {
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  let complaints: Complaint[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    await browser?.close();
  });

  return {
    async open(name, options) {
      if (!browser) throw new Error('The browser starts in beforeAll.');
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      contexts.push(context);
      context.setDefaultTimeout(20_000);
      context.on('weberror', (webError) => {
        const error = webError.error();
        complaints.push({ page: name, text: error.stack ?? error.message, url: '' });
      });
      context.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push({ page: name, text: message.text(), url: message.location().url });
      });
      return context.newPage();
    },
    complaints() {
      const heard = complaints;
      complaints = [];
      return heard;
    },
  };
}
