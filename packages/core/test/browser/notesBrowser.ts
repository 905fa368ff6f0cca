import { createTestBackend, type TestBackend } from '@ruwad/realtime-devserver/testing';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { useBrowser, type TestBrowser } from './browser.ts';
import type { PageSettings } from './outboxPage.ts';

/** What is written is written down by the database too, so that a second time would show. */
const TABLES = `
  create table public.notes (id text primary key, text text not null);
  create table public.written (seq bigserial primary key, id text not null, text text not null);
  create function public.write_down() returns trigger language plpgsql security definer as $$
    begin insert into public.written (id, text) values (new.id, new.text); return new; end $$;
  create trigger write_down after insert or update on public.notes for each row execute function public.write_down();
  grant all on public.notes to authenticated;
  alter publication supabase_realtime add table public.notes;`;

const SARA = 'a0000000-0000-4000-8000-000000000002';

/** A backend with notes, and browsers in which `outboxPage.ts` runs. */
export interface NotesBrowser extends Omit<TestBrowser, 'person'> {
  readonly backend: TestBackend;
  /** Sara's settings of the page. */
  settings(): Promise<PageSettings>;
  /** Sara's browser, in which she is signed in. */
  saras(): Promise<BrowserContext>;
  /** Two tabs, of which the first sends. */
  twoTabs(of: BrowserContext): Promise<readonly [Page, Page]>;
  /** All that was written to notes, in order: `id: text`. */
  written(): Promise<readonly string[]>;
}

/** Starts both before the tests of this file, and ends them after. */
export function useNotesBrowser(options: Parameters<typeof useBrowser>[1] = {}): NotesBrowser {
  const browser = useBrowser('./outboxPage.ts', options);
  let backend: TestBackend;
  beforeAll(async () => { backend = await createTestBackend({ migrations: null, seed: null, setup: TABLES }); });
  afterAll(async () => { await backend.close(); });
  beforeEach(async () => { await backend.reset(); });
  const settings = async (): Promise<PageSettings> =>
    ({ url: backend.url, anonKey: backend.anonKey, token: await backend.server.signToken({ sub: SARA, role: 'authenticated' }), userId: SARA });
  return {
    get url() {
      return browser.url;
    },
    get backend() {
      return backend;
    },
    get browser() {
      return browser.browser;
    },
    tab: browser.tab,
    settings,
    async saras() {
      const person = await browser.person();
      await person.addInitScript((given) => { window.settings = given; }, await settings());
      return person;
    },
    async twoTabs(of) {
      const first = await browser.tab(of);
      await first.evaluate(() => window.app.sends());
      return [first, await browser.tab(of)];
    },
    async written() {
      const lines = await backend.server.sql<{ id: string; text: string }>('select id, text from written order by seq');
      return lines.map(({ id, text }) => `${id}: ${text}`);
    },
  };
}

export const enqueue = (page: Page, name: 'add' | 'set', id: string, text: string): Promise<void> =>
  page.evaluate((given) => window.app.enqueue(given.name, given.id, given.text), { name, id, text });

/** Resolves when nothing waits any more in that page. */
export const done = (page: Page): Promise<void> => page.evaluate(() => window.app.done());

/** Ids of notes whose requests a page sent. */
export function requestsOf(page: Page): readonly string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('/rest/v1/notes')) sent.push((request.postDataJSON() as { id: string }).id);
  });
  return sent;
}
