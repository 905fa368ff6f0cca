import { Window } from 'happy-dom';
import type { Clock } from '@ruwad/realtime-core';

/** How often a browser runs the timers of a page that has been hidden for a while, in ms. */
const HIDDEN_EVERY_MS = 60_000;

/** The page that apps of this process run in. */
export interface Page {
  /** As when another tab is looked at: timers of the app run once a minute. */
  hide(): void;
  show(): void;
  /** The app's clock, which keeps time as the page's timers do. */
  readonly clock: Clock;
}

/** What frameworks and the SDK look for; the rest stays as Node has it, for the server in the same process. */
const GLOBALS = ['document', 'navigator', 'Element', 'HTMLElement', 'HTMLIFrameElement', 'Node', 'SVGElement'] as const;

/** Gives this process the globals of a page that is shown. */
export function openPage(): Page {
  const window = new Window({ url: 'http://localhost/' });
  for (const name of GLOBALS) Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
  Object.defineProperty(globalThis, 'window', { value: window, configurable: true });
  let hidden = false;
  Object.defineProperty(window.document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
  const { clock, rearm } = createPageClock(() => hidden);
  const turn = (next: boolean): void => {
    if (hidden === next) return;
    hidden = next;
    rearm();
    window.document.dispatchEvent(new window.Event('visibilitychange'));
  };
  return { hide: () => turn(true), show: () => turn(false), clock };
}

function createPageClock(isHidden: () => boolean): { clock: Clock; rearm: () => void } {
  type Handle = ReturnType<typeof setTimeout>;
  const timers = new Map<number, { callback: () => void; dueMs: number; handle: Handle }>();
  let last = 0;
  const arm = (id: number, callback: () => void, dueMs: number): void => {
    const atMs = isHidden() ? Math.ceil(dueMs / HIDDEN_EVERY_MS) * HIDDEN_EVERY_MS : dueMs;
    const run = (): void => {
      timers.delete(id);
      callback();
    };
    timers.set(id, { callback, dueMs, handle: setTimeout(run, Math.max(0, atMs - Date.now())) });
  };
  const clock: Clock = {
    now: () => Date.now(),
    setTimeout(callback, delayMs) {
      arm((last += 1), callback, Date.now() + delayMs);
      return last as unknown as Handle; // opaque to everybody but clearTimeout below
    },
    clearTimeout(handle) {
      const id = handle as unknown as number; // as above
      clearTimeout(timers.get(id)?.handle);
      timers.delete(id);
    },
  };
  const rearm = (): void => {
    for (const [id, { callback, dueMs, handle }] of [...timers]) {
      clearTimeout(handle);
      arm(id, callback, dueMs);
    }
  };
  return { clock, rearm };
}
