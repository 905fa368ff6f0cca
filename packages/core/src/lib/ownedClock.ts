import type { Clock, TimerHandle } from './clock.ts';

/** A clock whose pending timers can all be dropped at once. */
export interface OwnedClock extends Clock {
  /** Drops every pending timer; later ones are never started. */
  end(): void;
}

/** Wraps a clock for one owner, so that no timer can outlive it. */
export function createOwnedClock(clock: Clock): OwnedClock {
  const pending = new Set<TimerHandle>();
  let ended = false;
  return {
    now: () => clock.now(),
    setTimeout(callback, delayMs) {
      const handle = clock.setTimeout(() => {
        pending.delete(handle);
        if (!ended) callback();
      }, delayMs);
      if (ended) clock.clearTimeout(handle);
      else pending.add(handle);
      return handle;
    },
    clearTimeout(handle) {
      pending.delete(handle);
      clock.clearTimeout(handle);
    },
    end() {
      ended = true;
      for (const handle of pending) clock.clearTimeout(handle);
      pending.clear();
    },
  };
}
