import { backoff } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
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

/** A wait that a clock set back does not prolong. */
interface Wait {
  readonly reason: Retried;
  readonly failures: number;
  readonly ms: number;
  until: number;
}

/** When which lane may send. */
export interface RetryPolicy {
  /** The next lane to send from, of those given; undefined when none may now. */
  choose(lanes: Iterable<string>, sending: ReadonlySet<string>): string | undefined;
  /** In how many ms one of them may; null when that does not hang on time. */
  nextInMs(lanes: Iterable<string>, sending: ReadonlySet<string>): number | null;
  failed(lane: string, reason: Retried, afterMs: number | null): void;
  /** The server answered, and not because it is in trouble. */
  answered(lane: string): void;
  /** Something says that it may work now: all may try at once, unless the server asked for patience. */
  wake(): void;
}

/**
 * Backoff with full jitter, for each lane, and for all of them while the trouble is not one action's: no network, no token, a
 * server that asks for patience, or that failed two lanes in a row. Then one lane at a time tries, in turn, so that neither a
 * server in trouble nor an action that always fails gets more than one request in each wait.
 */
export function createRetryPolicy({ clock, random, isOnline }: { clock: Clock; random: () => number; isOnline: () => boolean }): RetryPolicy {
  const waits = new Map<string, Wait>();
  const triedAt = new Map<string, number>();
  let tries = 0;
  /** Lanes that failed since the server last answered well. */
  const troubled = new Set<string>();
  /** Set while all lanes wait together. */
  let shared: Wait | undefined;
  /** Set while the server wants to be left alone. */
  let patience: Wait | undefined;

  const remaining = (wait: Wait | undefined): number => {
    if (wait === undefined) return 0;
    const now = clock.now();
    wait.until = Math.min(wait.until, now + wait.ms);
    return Math.max(0, wait.until - now);
  };
  const waitOf = (reason: Retried, failures: number, ms: number): Wait => ({ reason, failures, ms, until: clock.now() + ms });
  const longer = (before: Wait | undefined, reason: Retried): Wait => {
    const failures = Math.min((before?.failures ?? 0) + 1, MOST_FAILURES);
    return waitOf(reason, failures, backoff(failures - 1, { baseMs: BASE_MS, capMs: isOnline() ? ONLINE_CAP_MS : OFFLINE_CAP_MS, random }));
  };
  const free = (lanes: Iterable<string>, sending: ReadonlySet<string>): string[] => [...lanes].filter((lane) => !sending.has(lane));

  return {
    choose(lanes, sending) {
      if (remaining(patience) > 0) return undefined;
      if (shared === undefined) {
        for (const lane of lanes) if (!sending.has(lane) && remaining(waits.get(lane)) === 0) return lane;
        return undefined;
      }
      if (sending.size > 0 || remaining(shared) > 0) return undefined;
      const [first, ...others] = free(lanes, sending);
      const chosen = others.reduce((a, b) => ((triedAt.get(b) ?? 0) < (triedAt.get(a ?? '') ?? 0) ? b : a), first);
      if (chosen !== undefined) triedAt.set(chosen, (tries += 1));
      return chosen;
    },
    nextInMs(lanes, sending) {
      if (shared !== undefined && sending.size > 0) return null;
      const waiting = free(lanes, sending);
      if (waiting.length === 0) return null;
      const least = shared === undefined ? waiting.reduce((ms, lane) => Math.min(ms, remaining(waits.get(lane))), Infinity) : remaining(shared);
      return Math.max(least, remaining(patience));
    },
    failed(lane, reason, afterMs) {
      troubled.add(lane);
      waits.set(lane, longer(waits.get(lane), reason));
      if (reason === 'patience' || afterMs !== null) {
        const failures = Math.min((patience?.failures ?? 0) + 1, MOST_FAILURES);
        patience = waitOf('patience', failures, Math.min(afterMs ?? backoff(failures, { baseMs: BASE_MS, capMs: PATIENCE_CAP_MS, random }), MOST_PATIENCE_MS));
      }
      if (reason !== 'busy' || shared !== undefined || troubled.size > 1) shared = longer(shared, reason);
    },
    answered(lane) {
      troubled.clear();
      triedAt.clear();
      waits.delete(lane);
      if (shared !== undefined) for (const [other, { reason }] of waits) if (reason !== 'busy') waits.delete(other);
      shared = undefined;
      if (remaining(patience) === 0) patience = undefined;
    },
    wake() {
      waits.clear();
      if (shared !== undefined) shared = waitOf(shared.reason, 0, 0);
    },
  };
}
