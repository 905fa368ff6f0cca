import { platformSignals } from '../lib/platformSignals.ts';

/** Why something was aborted, when the page stops running: what it begins now would be held up with it. */
export const PAGE_STOPS = 'the page stops running';

/**
 * Tells when the page stops running – frozen, or put into the back/forward cache – and when it runs again, until the returned
 * function is called. Says nothing where there is no page.
 */
export function watchPresence(onAway: () => void, onBack: () => void): () => void {
  if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return () => undefined;
  let away = false;
  const leave = (): void => {
    if (!away) onAway();
    away = true;
  };
  const unwatch = platformSignals.watch({
    onOnline: () => undefined,
    onOffline: () => undefined,
    onWake() {
      if (away) onBack();
      away = false;
    },
  });
  const watching = new AbortController();
  document.addEventListener('freeze', leave, { signal: watching.signal });
  window.addEventListener('pagehide', leave, { signal: watching.signal });
  return () => {
    unwatch();
    watching.abort();
  };
}
