import type { Clock, TimerHandle } from '../lib/clock.ts';

/** How often an open socket is looked at, in ms. A socket that is silent for a whole look is asked; silent for another, it is dead: within 27 s. */
const LOOK_MS = 9_000;
/** How long a socket may take to answer after a wake, in ms. */
const WAKE_TIMEOUT_MS = 2_500;
/** A look that is this late, in ms, has slept: a laptop's lid, a frozen tab, a stopped process. */
const SLEPT_MS = 5_000;
/** In a hidden page timers come up to a minute late, while messages arrive as ever: only a later look has slept there. */
const HIDDEN_SLEPT_MS = 65_000;
/** An answer's deadline that comes this late, in ms, says nothing about the answer. */
const BUSY_MS = 500;

/** What {@link createLiveness} is made of. */
export interface LivenessParts {
  clock: Clock;
  /** Sends something that a living server answers. */
  probe: () => void;
  /** The socket is dead though nothing closed it. Not called again until `start`. */
  onDead: () => void;
  /** The device slept, not having been awake since `since`, and the socket has survived it. */
  onWoken: (since: number) => void;
  /** Whether the page is hidden, so that timers are late without a sleep. */
  isHidden: () => boolean;
}

/** Tells a dead socket from a quiet one. */
export interface Liveness {
  /** Begins to watch a socket that has just opened. */
  start(): void;
  stop(): void;
  /** Something arrived. */
  heard(): void;
  /** Somebody may be back after a sleep: asks at once, and waits for the answer a short time only. */
  wake(): void;
}

/**
 * Watches a socket that may be half-open: cut off without a sign, as behind a router that forgot it or after a sleep. Any
 * message counts as a sign of life; a quiet socket is asked.
 */
export function createLiveness({ clock, probe, onDead, onWoken, isHidden }: LivenessParts): Liveness {
  let look: TimerHandle | undefined;
  let answer: TimerHandle | undefined;
  let lookedAt = 0;
  let quiet = false;
  let asked = false;
  /** Since when the device had slept, until the socket has proved that it survived that. */
  let sleptSince: number | null = null;

  const clear = (timer: TimerHandle | undefined): undefined => {
    if (timer !== undefined) clock.clearTimeout(timer);
    return undefined;
  };
  const stop = (): void => {
    look = clear(look);
    answer = clear(answer);
  };
  const die = (): void => {
    stop();
    onDead();
  };
  const lookLater = (): void => {
    lookedAt = clock.now();
    look = clock.setTimeout(() => {
      const slept = isLate(lookedAt, LOOK_MS, SLEPT_MS);
      if (quiet && asked && !slept) {
        die();
        return;
      }
      if (isLate(lookedAt, LOOK_MS, isHidden() ? HIDDEN_SLEPT_MS : SLEPT_MS)) sleptSince ??= lookedAt;
      asked = quiet && !slept;
      quiet = true;
      lookLater();
      if (slept) wake();
      else if (asked) probe();
    }, LOOK_MS);
  };
  const expectAnswer = (patient = true): void => {
    const askedAt = clock.now();
    answer = clock.setTimeout(() => {
      // After a busy spell timers run before the messages that came meanwhile. Once: in a hidden page all timers are late.
      if (patient && isLate(askedAt, WAKE_TIMEOUT_MS, BUSY_MS)) expectAnswer(false);
      else die();
    }, WAKE_TIMEOUT_MS);
  };
  const wake = (): void => {
    if (look === undefined || answer !== undefined) return;
    expectAnswer();
    probe();
  };
  const isLate = (since: number, dueMs: number, toleranceMs: number): boolean => clock.now() - since - dueMs > toleranceMs;

  return {
    start() {
      stop();
      quiet = false;
      asked = false;
      sleptSince = null;
      lookLater();
    },
    stop,
    heard() {
      quiet = false;
      if (answer !== undefined) answer = clear(answer);
      if (sleptSince === null) return;
      const since = sleptSince;
      sleptSince = null;
      onWoken(since);
    },
    wake,
  };
}
