import { LONGEST_DELAY_MS, systemClock, type Clock, type TimerHandle } from './clock.ts';

/** The part of a worker that is used. */
export interface TimerWorker {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  /** It failed, or was refused. */
  onerror: (() => void) | null;
  postMessage: (message: readonly [id: number, delayMs: number]) => void;
  terminate: () => void;
}

/** What {@link createBackgroundClock} needs of the page; tests stand in for it. */
export interface BackgroundPlatform {
  isHidden(): boolean;
  /** Calls `listener` whenever the page is hidden or shown, until the returned function is called. */
  watch(listener: () => void): () => void;
  /** Starts a worker that runs this program. Throws where there are no workers. */
  startWorker(program: string): TimerWorker;
}

/** Options of {@link createBackgroundClock}. */
export interface BackgroundClockOptions {
  /** Keeps the time, and runs the timers of a page that is shown. @defaultValue the clock of the platform */
  clock?: Clock;
  /** @defaultValue the page this runs in */
  platform?: BackgroundPlatform;
}

const PROGRAM = 'onmessage = ({ data: [id, delayMs] }) => setTimeout(() => postMessage(id), delayMs)';

/**
 * A clock whose timers are on time in a hidden page, where browsers run a page's own once a minute: they run in a worker
 * for as long as the page is hidden, and nowhere else. Where workers are not to be had – a content security policy without
 * `worker-src blob:`, a server – it is the plain clock, late in hidden pages.
 *
 * @example createRealtimeClient({ supabase, clock: createBackgroundClock() })
 */
export function createBackgroundClock({ clock = systemClock, platform = pagePlatform }: BackgroundClockOptions = {}): Clock {
  /** Those without a handle wait in the worker. */
  const timers = new Map<number, { callback: () => void; dueAt: number; handle?: TimerHandle }>();
  let lastId = 0;
  let worker: TimerWorker | null = null;
  let refused = false;
  let unwatch: (() => void) | null = null;

  const run = (id: number): void => {
    const timer = timers.get(id);
    if (timer === undefined) return;
    forget(id);
    timer.callback();
  };
  const forget = (id: number): void => {
    timers.delete(id);
    if (timers.size > 0) return;
    stopWorker();
    unwatch?.();
    unwatch = null;
  };
  const stopWorker = (): void => {
    worker?.terminate();
    worker = null;
  };
  const refuse = (): void => {
    refused = true;
    stopWorker();
    for (const id of timers.keys()) arm(id);
  };
  const workerIfHidden = (): TimerWorker | null => {
    if (refused || !platform.isHidden()) return null;
    if (worker !== null) return worker;
    try {
      worker = platform.startWorker(PROGRAM);
      worker.onmessage = ({ data }) => { run(Number(data)); };
      worker.onerror = refuse;
    } catch {
      refused = true;
    }
    return worker;
  };
  const arm = (id: number): void => {
    const timer = timers.get(id);
    if (timer === undefined) return;
    if (timer.handle !== undefined) clock.clearTimeout(timer.handle);
    delete timer.handle;
    const delayMs = Math.min(Math.max(0, timer.dueAt - clock.now()), LONGEST_DELAY_MS);
    const running = workerIfHidden();
    if (running === null) timer.handle = clock.setTimeout(() => { run(id); }, delayMs);
    else running.postMessage([id, delayMs]);
  };
  const onVisibility = (): void => {
    stopWorker();
    for (const id of timers.keys()) arm(id);
  };

  return {
    now: () => clock.now(),
    setTimeout(callback, delayMs) {
      const id = (lastId += 1);
      timers.set(id, { callback, dueAt: clock.now() + delayMs });
      unwatch ??= platform.watch(onVisibility);
      arm(id);
      return id as unknown as TimerHandle; // opaque to everybody but clearTimeout below
    },
    clearTimeout(handle) {
      const id = handle as unknown as number; // as above
      const timer = timers.get(id);
      if (timer === undefined) return;
      if (timer.handle !== undefined) clock.clearTimeout(timer.handle);
      forget(id);
    },
  };
}

/** The page this runs in; never hidden where there is none. */
const pagePlatform: BackgroundPlatform = {
  isHidden: () => typeof document !== 'undefined' && document.visibilityState === 'hidden',
  watch(listener) {
    if (typeof document === 'undefined') return () => undefined;
    document.addEventListener('visibilitychange', listener);
    return () => { document.removeEventListener('visibilitychange', listener); };
  },
  startWorker(program) {
    const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
    try {
      return new Worker(url) as TimerWorker; // its handlers take more than is read of them
    } finally {
      URL.revokeObjectURL(url);
    }
  },
};
