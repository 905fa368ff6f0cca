import { vi } from 'vitest';

/** So many turns of the event loop without a frame or an answer: what is on its way within one process has arrived. */
const QUIET_TURNS = 12;
/** The most that time moves on at once while an answer is awaited, in ms: should the machine be slow, it looks like a slow network. */
const STRIDE_MS = 100;

/** The time of everything in this process – apps, supabase-js, the server –, which stands still while anything is under way. */
export interface VirtualTime {
  /** Notes that something happened, so that more may follow from it. */
  stir(): void;
  /** Notes that something is under way until the returned function is called. */
  begin(): () => void;
  /** So many turns of the event loop: what is under way gets some of the way, and no time passes. */
  turns(count: number): Promise<void>;
  /** Moves on by `ms`, or until the condition holds; says whether it does. The condition is looked at whenever all is quiet. */
  pass(ms: number, holds?: () => boolean): Promise<boolean>;
  /** Moves on until the promise is settled. @throws Error when that takes more than ten minutes */
  through<T>(promise: Promise<T>): Promise<T>;
  end(): void;
}

/** Takes over the timers and the date of this process, until {@link VirtualTime.end}. */
export function createVirtualTime(): VirtualTime {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  const stopWatching = watchCrypto(begin);
  let stirs = 0;
  let underWay = 0;

  function begin(): () => void {
    underWay += 1;
    stirs += 1;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      underWay -= 1;
      stirs += 1;
    };
  }
  const quiet = async (): Promise<void> => {
    for (let turns = 0, seen = stirs; turns < QUIET_TURNS; turns += 1) {
      await turn();
      if (stirs !== seen) turns = -1;
      seen = stirs;
    }
  };
  const pass = async (ms: number, holds = (): boolean => false): Promise<boolean> => {
    const end = Date.now() + ms;
    for (;;) {
      await quiet();
      if (holds()) return true;
      const left = end - Date.now();
      if (left <= 0) return false;
      // The next timer, and not beyond the end.
      const limit = setTimeout(() => undefined, underWay > 0 ? Math.min(left, STRIDE_MS) : left);
      vi.advanceTimersToNextTimer();
      clearTimeout(limit);
    }
  };

  return {
    stir: () => void (stirs += 1),
    begin,
    async turns(count) {
      for (let at = 0; at < count; at += 1) await turn();
    },
    pass,
    async through(promise) {
      let settled = false;
      const end = begin();
      const mark = (): void => {
        settled = true;
        end();
      };
      promise.then(mark, mark);
      if (!(await pass(600_000, () => settled))) throw new Error('ten minutes have passed in vain');
      return promise;
    },
    end() {
      stopWatching();
      vi.useRealTimers();
    },
  };
}

const { setImmediate } = globalThis;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const SIGNING = ['importKey', 'sign', 'verify'] as const;

/** Signatures are made on other threads: the only work here that goes on without turns of the event loop. */
function watchCrypto(begin: () => () => void): () => void {
  const { subtle } = globalThis.crypto;
  for (const name of SIGNING) {
    const method = subtle[name].bind(subtle) as (...args: unknown[]) => Promise<unknown>; // whatever it takes is passed on
    Object.defineProperty(subtle, name, { value: (...args: unknown[]) => method(...args).finally(begin()), configurable: true });
  }
  return () => {
    for (const name of SIGNING) Reflect.deleteProperty(subtle, name);
  };
}
