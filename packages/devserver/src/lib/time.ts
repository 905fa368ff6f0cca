/** What the server tells the time by and waits with. Tests hand in one that they move themselves. */
export interface Clock {
  /** Wall clock in milliseconds since the epoch, for the expiry of tokens and sessions. */
  now(): number;
  /** Calls `action` once after `delayMs`; returns what cancels it. */
  setTimeout(action: () => void, delayMs: number): () => void;
}

/** The clock of this machine. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(action, delayMs) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A server's time: its clock, and how long its deliberate delays are. */
export interface Time {
  /** Wall clock in milliseconds; never scaled. */
  now(): number;
  /** Timers of a new owner. */
  timers(): Timers;
}

/** Options of {@link createTime}. */
export interface TimeOptions {
  /** @defaultValue {@link systemClock} */
  clock?: Clock;
  /** Factor on every delay; 0.01 makes a 5 s pause 50 ms. @defaultValue `1` */
  timeScale?: number;
}

/** Time by a clock, with delays scaled. */
export function createTime({ clock = systemClock, timeScale = 1 }: TimeOptions = {}): Time {
  return { now: () => clock.now(), timers: () => new Timers(clock, timeScale) };
}

/** Timers of one owner, which all end when it closes. */
export class Timers {
  readonly #clock: Clock;
  readonly #timeScale: number;
  readonly #running = new Set<() => void>();

  constructor(clock: Clock, timeScale: number) {
    this.#clock = clock;
    this.#timeScale = timeScale;
  }

  /** Calls `action` after `delayMs` (scaled); returns what cancels it. */
  after(delayMs: number, action: () => void): () => void {
    const stop = this.#clock.setTimeout(() => {
      this.#running.delete(cancel);
      action();
    }, delayMs * this.#timeScale);
    const cancel = () => {
      this.#running.delete(cancel);
      stop();
    };
    this.#running.add(cancel);
    return cancel;
  }

  /** Calls `action` every `periodMs` (scaled); returns what cancels it. */
  every(periodMs: number, action: () => void): () => void {
    let cancel: () => void;
    const wait = (): void => {
      cancel = this.after(periodMs, () => {
        wait();
        action();
      });
    };
    wait();
    return () => cancel();
  }

  /** Ends every timer. */
  clear(): void {
    for (const cancel of this.#running) cancel();
  }
}
