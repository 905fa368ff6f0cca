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
  let stirs = 0;
  let underWay = 0;
  const crypto = watchCrypto();

  const begin = (): (() => void) => {
    underWay += 1;
    stirs += 1;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      underWay -= 1;
      stirs += 1;
    };
  };
  const quiet = async (): Promise<void> => {
    for (let turns = 0, seen = stirs; turns < QUIET_TURNS; turns += 1) {
      await turn();
      if (await crypto.done()) turns = -1;
      if (stirs !== seen) turns = -1;
      seen = stirs;
    }
  };
  /** Goes on to the next timer, and not beyond the end; says whether that is reached and nothing is due there. */
  const stride = (end: number): boolean => {
    const left = end - Date.now();
    const limit = { reached: false };
    const timer = setTimeout(() => (limit.reached = true), underWay > 0 ? Math.min(left, STRIDE_MS) : left);
    vi.advanceTimersToNextTimer();
    clearTimeout(timer);
    return limit.reached && Date.now() >= end;
  };
  const pass = async (ms: number, holds = (): boolean => false): Promise<boolean> => {
    const end = Date.now() + ms;
    for (let last = false; ; last = stride(end)) {
      await quiet();
      if (holds()) return true;
      if (last) return false;
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
      crypto.stop();
      vi.useRealTimers();
    },
  };
}

const { setImmediate } = globalThis;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const SIGNING = ['importKey', 'sign', 'verify'] as const;

/** Signatures are made on other threads: the only work here that goes on without turns of the event loop, and that no timer holds up. */
function watchCrypto(): { done: () => Promise<boolean>; stop: () => void } {
  const { subtle } = globalThis.crypto;
  const working = new Set<Promise<unknown>>();
  for (const name of SIGNING) {
    const method = subtle[name].bind(subtle) as (...args: unknown[]) => Promise<unknown>; // whatever it takes is passed on
    const value = (...args: unknown[]): Promise<unknown> => {
      const work = method(...args).finally(() => working.delete(work));
      working.add(work);
      return work;
    };
    Object.defineProperty(subtle, name, { value, configurable: true });
  }
  return {
    /** Waits for what is under way; says whether anything was. */
    async done() {
      if (working.size === 0) return false;
      await Promise.allSettled(working);
      return true;
    },
    stop() {
      for (const name of SIGNING) Reflect.deleteProperty(subtle, name);
    },
  };
}
