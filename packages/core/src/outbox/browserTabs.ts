import type { Clock } from '../lib/clock.ts';
import { PAGE_STOPS, watchPresence } from './pagePresence.ts';
import { standByLease, type LeaseStore } from './standByLease.ts';
import { standByLock, type Locks } from './standByLock.ts';
import { createTabChannels } from './tabChannels.ts';
import type { Tabs } from './types.ts';

/** What {@link createBrowserTabs} needs. */
export interface BrowserTabsOptions {
  /** Queues of one name and scope are one queue. */
  readonly name: string;
  readonly clock: Clock;
  /** The lease of a scope, for where there are no Web Locks, and what ends its use. */
  readonly lease: (scope: string) => { readonly store: LeaseStore; readonly release: () => void };
}

/**
 * The tabs of a browser: the one with the Web Lock drains, and they talk over a BroadcastChannel. A page that the browser
 * freezes or keeps for going back lets the lock go.
 */
export function createBrowserTabs({ name, clock, lease }: BrowserTabsOptions): Tabs {
  const channels = createTabChannels(name, clock);

  const stand = async (scope: string, signal: AbortSignal, lead: (leading: AbortSignal) => void): Promise<void> => {
    const locks = platformLocks();
    if (locks !== null) {
      try {
        return await standByLock(locks, `${name}/${scope}`, signal, lead);
      } catch {
        // Refused: what is left is the lease.
      }
    }
    const { store, release } = lease(scope);
    await standByLease({ store, holder: newHolder(), clock, signal, lead });
    release();
  };

  return {
    campaign(scope, signal, lead) {
      if (signal.aborted) return;
      let here = new AbortController();
      const enter = (): void => {
        here = new AbortController();
        void stand(scope, here.signal, lead);
      };
      const unwatch = watchPresence(() => { here.abort(PAGE_STOPS); }, enter);
      signal.addEventListener('abort', () => {
        unwatch();
        here.abort();
      }, { once: true });
      enter();
    },
    listen: channels.listen,
    post: channels.post,
  };
}

/** Missing in older browsers and in pages that were not loaded by https. */
function platformLocks(): Locks | null {
  return typeof navigator === 'undefined' ? null : ((navigator as { locks?: Locks }).locks ?? null); // typed as always there
}

function newHolder(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('');
}
