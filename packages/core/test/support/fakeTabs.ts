import type { TabMessage, Tabs } from '../../src/index.ts';
import type { Life } from './mortal.ts';

/** Tabs of one browser, as far as they know of each other. */
export interface FakeBrowser {
  /** What a tab is given. It leads when no earlier one lives. */
  tabsOf(life: Life): Tabs;
  /** Has somebody else lead where the one that led has died. */
  succeed(): void;
}

interface Candidate {
  readonly life: Life;
  readonly signal: AbortSignal;
  readonly lead: (leading: AbortSignal) => void;
  readonly leading: AbortController;
  leads: boolean;
}

/** Makes a browser; messages arrive a moment later, in order. */
export function createFakeBrowser(): FakeBrowser {
  const candidates: Candidate[] = [];
  const listeners = new Set<{ life: Life; onMessage: (message: TabMessage) => void }>();
  const succeed = (): void => {
    const living = candidates.filter(({ life, signal }) => !life.dead && !signal.aborted);
    const [next] = living;
    if (next === undefined || living.some(({ leads }) => leads)) return;
    next.leads = true;
    next.lead(next.leading.signal);
  };
  return {
    succeed,
    tabsOf: (life) => ({
      campaign(_scope, signal, lead) {
        candidates.push({ life, signal, lead, leading: new AbortController(), leads: false });
        succeed();
      },
      listen(_scope, onMessage) {
        const entry = { life, onMessage };
        listeners.add(entry);
        return () => listeners.delete(entry);
      },
      post(_scope, message) {
        if (life.dead) return;
        for (const entry of listeners) {
          if (entry.life !== life) setImmediate(() => { if (!entry.life.dead) entry.onMessage(structuredClone(message)); });
        }
      },
    }),
  };
}
