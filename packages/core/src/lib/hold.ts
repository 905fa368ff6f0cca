import type { Clock, TimerHandle } from './clock.ts';

/** Counts who needs a thing. Made by {@link createHold}. */
export interface Hold {
  /** Says that one more needs it; call the returned function, once, when it no longer does. */
  readonly acquire: () => () => void;
  /** Whether anybody needs it, or it lingers. */
  readonly active: boolean;
  /** Ends it now, whoever still holds it, and for good. */
  end(): void;
}

/** Options of {@link createHold}. */
export interface HoldOptions {
  clock: Clock;
  /** How long it stays active after the last release, in milliseconds; 0 ends it at once. */
  lingerMs: number;
  /** Runs when the first comes. */
  start: () => void;
  /** Runs when the last has gone and the linger is over. */
  stop: () => void;
}

/** A reference count that lingers: work starts with the first holder and ends some time after the last, so that remounting is free. */
export function createHold({ clock, lingerMs, start, stop }: HoldOptions): Hold {
  let count = 0;
  let active = false;
  let ended = false;
  let linger: TimerHandle | undefined;

  const deactivate = (): void => {
    clearLinger();
    if (!active) return;
    active = false;
    stop();
  };
  const clearLinger = (): void => {
    if (linger !== undefined) clock.clearTimeout(linger);
    linger = undefined;
  };

  return {
    acquire() {
      if (ended) return () => undefined;
      count += 1;
      clearLinger();
      if (!active) {
        active = true;
        start();
      }
      let released = false;
      return () => {
        if (released || ended) return;
        released = true;
        count -= 1;
        if (count > 0) return;
        if (lingerMs > 0) linger = clock.setTimeout(deactivate, lingerMs);
        else deactivate();
      };
    },
    get active() {
      return active;
    },
    end() {
      ended = true;
      deactivate();
    },
  };
}
