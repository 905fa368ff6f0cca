import type { Browser, CDPSession } from 'playwright-core';

/**
 * A tab that the test drives by the DevTools protocol alone. Playwright keeps every page that it knows visible and focused,
 * and loses one that comes back from the back/forward cache.
 */
export interface BareTab {
  /** Runs a function in the page, with arguments and a result that are JSON; waits for a promise. */
  run<Args extends readonly unknown[], Result>(body: (...args: Args) => Result, ...args: Args): Promise<Awaited<Result>>;
  /** Hides the page and stops all its tasks, as the browser does to save power; resolves when they have stopped. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Lets no request out to addresses like these, with `*` for anything, nor any more those of before. */
  block(addresses: readonly string[]): Promise<void>;
  /** Resolves when the page is loaded. */
  goTo(url: string): Promise<void>;
  /** As the browser's button; resolves when the page is there, and says whether it was kept. */
  goBack(): Promise<{ readonly kept: boolean; readonly why: readonly string[] }>;
}

/** One person's browser of bare tabs. */
export interface BareBrowser {
  /** Opens a tab, in which `script` runs before the program of any page. */
  tab(url: string, script: string): Promise<BareTab>;
  close(): Promise<void>;
}

/** Opens a browser without any storage. */
export async function openBareBrowser(browser: Browser): Promise<BareBrowser> {
  const root = await browser.newBrowserCDPSession();
  const { browserContextId } = await root.send('Target.createBrowserContext');
  return {
    async tab(url, script) {
      const { targetId } = await root.send('Target.createTarget', { url: 'about:blank', browserContextId });
      const { sessionId } = await root.send('Target.attachToTarget', { targetId, flatten: false });
      const tab = createTab(createPipe(root, sessionId));
      await tab.begin(script);
      await tab.goTo(url);
      return tab;
    },
    async close() {
      await root.send('Target.disposeBrowserContext', { browserContextId });
      await root.detach();
    },
  };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Pipe {
  readonly send: <Result>(method: string, params?: object) => Promise<Result>;
  /** Resolves at the next event of that name. */
  readonly next: (method: string) => Promise<Record<string, unknown>>;
}

/** A session of the protocol within that of the browser. */
function createPipe(root: CDPSession, sessionId: string): Pipe {
  const answers = new Map<number, (message: Message) => void>();
  const waiting = new Map<string, Set<(params: Record<string, unknown>) => void>>();
  let lastId = 0;
  root.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return;
    const message = JSON.parse(event.message) as Message; // the protocol's
    if (message.id !== undefined) answers.get(message.id)?.(message);
    const { method = '', params = {} } = message;
    for (const resolve of waiting.get(method) ?? []) resolve(params);
    waiting.delete(method);
  });
  return {
    send: <Result>(method: string, params = {}) =>
      new Promise<Result>((resolve, reject) => {
        const id = (lastId += 1);
        answers.set(id, ({ result, error }) => {
          answers.delete(id);
          if (error === undefined) resolve(result as Result); // what the protocol says of this method
          else reject(new Error(`${method}: ${error.message}`));
        });
        root.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) }).catch(reject);
      }),
    next: (method) =>
      new Promise((resolve) => {
        waiting.set(method, (waiting.get(method) ?? new Set()).add(resolve));
      }),
  };
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
}

function createTab({ send, next }: Pipe): BareTab & { begin(script: string): Promise<void> } {
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await send<Evaluated>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return {
    async begin(script) {
      await send('Page.enable');
      await send('Page.addScriptToEvaluateOnNewDocument', { source: script });
    },
    run: <Args extends readonly unknown[], Result>(body: (...args: Args) => Result, ...args: Args) =>
      evaluate(`(${body.toString()})(...${JSON.stringify(args)})`) as Promise<Awaited<Result>>, // as its type says
    async freeze() {
      await send('Page.setWebLifecycleState', { state: 'frozen' });
    },
    async thaw() {
      await send('Page.setWebLifecycleState', { state: 'active' });
      await send('Page.bringToFront');
    },
    async block(addresses) {
      await send('Network.enable');
      await send('Network.setBlockedURLs', { urls: addresses });
    },
    async goTo(url) {
      const loaded = next('Page.loadEventFired');
      await send('Page.navigate', { url });
      await loaded;
    },
    async goBack() {
      const { currentIndex, entries } = await send<{ currentIndex: number; entries: { id: number }[] }>('Page.getNavigationHistory');
      const navigated = next('Page.frameNavigated');
      const refused = next('Page.backForwardCacheNotUsed');
      await send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1]?.id });
      const kept = (await navigated)['type'] === 'BackForwardCacheRestore';
      if (kept) return { kept, why: [] };
      const { notRestoredExplanations } = (await refused) as { notRestoredExplanations: { reason: string }[] };
      return { kept, why: notRestoredExplanations.map(({ reason }) => reason) };
    },
  };
}
