import { backoff } from '../lib/backoff.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import type { Retried } from './attempt.ts';

/** Ceiling of the first wait, in ms; it doubles with each failure. */
const BASE_MS = 500;
/** Ceiling of waits while the platform says that there is a network, in ms. */
const ONLINE_CAP_MS = 5_000;
/** Ceiling of waits while it says that there is none, in ms: it may be wrong. */
const OFFLINE_CAP_MS = 30_000;
/** Ceiling of waits after a 429 that says nothing of the time, in ms. */
const PATIENCE_CAP_MS = 30_000;
/** Longest that a server is obeyed, in ms. */
const MOST_PATIENCE_MS = 15 * 60_000;
/** Failures that lengthen waits; more make no difference. */
const MOST_FAILURES = 20;

/** A wait; by a timer, since the clock of a device can be set. */
interface Wait {
  readonly reason: Retried;
  readonly failures: number;
  timer: TimerHandle | null;
}

/** When which lane may send. */
export interface RetryPolicy {
  /** The next lane to send from, of those given; undefined when none may now. */
  choose(lanes: Iterable<string>, sending: ReadonlySet<string>): string | undefined;
  failed(lane: string, reason: Retried, afterMs: number | null): void;
  /** The server answered, and not because it is in trouble. */
  answered(lane: string): void;
  /** Something says that it may work now: all may try at once, unless the server asked for patience. */
  wake(): void;
  /** Stops all timers. */
  end(): void;
}

/** What {@link createRetryPolicy} is made of. */
interface RetryPolicyParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly isOnline: () => boolean;
  /** A wait is over. */
  readonly onDue: () => void;
}

/**
 * Backoff with full jitter, for each lane, and for all of them while the trouble is not one action's: no network, no token, a
 * server that asks for patience, or that failed two lanes in a row. Then one lane at a time tries, in turn, so that neither a
 * server in trouble nor an action that always fails gets more than one request in each wait.
 */
export function createRetryPolicy({ clock, random, isOnline, onDue }: RetryPolicyParts): RetryPolicy {
  const waits = new Map<string, Wait>();
  const triedAt = new Map<string, number>();
  let tries = 0;
  /** Lanes that failed since the server last answered well. */
  const troubled = new Set<string>();
  /** Set while all lanes wait together. */
  let shared: Wait | undefined;
  /** Times that the server asked for and that are not over. None is cut short by the next, so the longest decides. */
  const patience = new Set<TimerHandle>();
  /** How often it asked since it last answered well. */
  let asked = 0;

  const isWaiting = (wait: Wait | undefined): boolean => wait !== undefined && wait.timer !== null;
  const stop = (wait: Wait | undefined): void => {
    if (wait === undefined || wait.timer === null) return;
    clock.clearTimeout(wait.timer);
    wait.timer = null;
  };
  const bePatient = (ms: number): void => {
    const timer = clock.setTimeout(() => {
      patience.delete(timer);
      onDue();
    }, Math.min(ms, MOST_PATIENCE_MS));
    patience.add(timer);
  };
  const longer = (before: Wait | undefined, reason: Retried): Wait => {
    stop(before);
    const failures = Math.min((before?.failures ?? 0) + 1, MOST_FAILURES);
    const wait: Wait = { reason, failures, timer: null };
    wait.timer = clock.setTimeout(() => {
      wait.timer = null;
      onDue();
    }, backoff(failures - 1, { baseMs: BASE_MS, capMs: isOnline() ? ONLINE_CAP_MS : OFFLINE_CAP_MS, random }));
    return wait;
  };
  const forget = (lane: string): void => {
    stop(waits.get(lane));
    waits.delete(lane);
  };
  const forgetAll = (): void => {
    for (const lane of [...waits.keys()]) forget(lane);
  };

  return {
    choose(lanes, sending) {
      if (patience.size > 0) return undefined;
      if (shared === undefined) {
        for (const lane of lanes) if (!sending.has(lane) && !isWaiting(waits.get(lane))) return lane;
        return undefined;
      }
      if (sending.size > 0 || isWaiting(shared)) return undefined;
      let chosen: string | undefined;
      for (const lane of lanes) if (chosen === undefined || (triedAt.get(lane) ?? 0) < (triedAt.get(chosen) ?? 0)) chosen = lane;
      if (chosen !== undefined) triedAt.set(chosen, (tries += 1));
      return chosen;
    },
    failed(lane, reason, afterMs) {
      troubled.add(lane);
      waits.set(lane, longer(waits.get(lane), reason));
      if (reason === 'patience' || afterMs !== null) {
        asked = Math.min(asked + 1, MOST_FAILURES);
        bePatient(afterMs ?? backoff(asked, { baseMs: BASE_MS, capMs: PATIENCE_CAP_MS, random }));
      }
      if (reason !== 'busy' || shared !== undefined || troubled.size > 1) shared = longer(shared, reason);
    },
    answered(lane) {
      troubled.clear();
      triedAt.clear();
      forget(lane);
      if (shared !== undefined) for (const [other, { reason }] of [...waits]) if (reason !== 'busy') forget(other);
      stop(shared);
      shared = undefined;
      if (patience.size === 0) asked = 0;
    },
    wake() {
      forgetAll();
      stop(shared);
    },
    end() {
      forgetAll();
      stop(shared);
      for (const timer of patience) clock.clearTimeout(timer);
      patience.clear();
    },
  };
}
