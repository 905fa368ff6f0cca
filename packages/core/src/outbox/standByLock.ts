/** The part of the Web Locks API that is used. */
export interface Locks {
  request(name: string, options: { readonly signal: AbortSignal }, held: () => Promise<void>): Promise<unknown>;
}

/**
 * Leads whenever nobody else does, until `signal` aborts, by a Web Lock: the browser gives it to one tab, and to the next as
 * soon as that one closes, crashes or lets go. Nobody of ours steals it; stolen by somebody else, it is asked for again.
 *
 * Rejects where the browser refuses locks (an insecure context, a sandboxed frame).
 */
export async function standByLock(locks: Locks, name: string, signal: AbortSignal, lead: (leading: AbortSignal) => void): Promise<void> {
  while (!signal.aborted) {
    const term = new AbortController();
    const end = (): void => term.abort();
    signal.addEventListener('abort', end, { once: true, signal: term.signal });
    try {
      await locks.request(name, { signal }, () => {
        if (term.signal.aborted) return Promise.resolve();
        const ended = new Promise<void>((resolve) => {
          term.signal.addEventListener('abort', () => resolve(), { once: true });
        });
        lead(term.signal);
        return ended;
      });
    } catch (error) {
      if (!(error instanceof Error || error instanceof DOMException) || error.name !== 'AbortError') throw error;
    } finally {
      end();
    }
  }
}
