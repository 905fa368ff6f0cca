import type { Clock, TimerHandle } from '../lib/clock.ts';

/** Joins that may go out at once: a page with many channels comes up in one go. */
const BURST = 20;
/** A further join per so many ms. */
const REFILL_MS = 1_000;

/** The joins a client may send. Made by {@link createJoinBudget}. */
export interface JoinBudget {
  /** Calls `grant` when a join may go out, at once if it may now; the returned function takes the request back. */
  take(grant: () => void): () => void;
}

/**
 * A token bucket for joins, shared by all channels of a client: in any time t at most 20 + t / 1 s of them, in the order
 * asked for. Supabase allows a project 100 joins a second in the mean of a minute, all clients together, and refuses
 * everybody's when one client's loop uses them up.
 */
export function createJoinBudget(clock: Clock): JoinBudget {
  const waiting = new Set<() => void>();
  let tokens = BURST;
  let countedAt = clock.now();
  let timer: TimerHandle | undefined;

  const refill = (): void => {
    const earned = Math.max(0, Math.floor((clock.now() - countedAt) / REFILL_MS));
    tokens = Math.min(BURST, tokens + earned);
    countedAt = tokens === BURST ? clock.now() : countedAt + earned * REFILL_MS;
  };
  const serve = (): void => {
    refill();
    for (const grant of waiting) {
      if (tokens === 0) break;
      tokens -= 1;
      waiting.delete(grant);
      grant();
    }
    if (waiting.size === 0 || timer !== undefined) return;
    timer = clock.setTimeout(() => {
      timer = undefined;
      serve();
    }, countedAt + REFILL_MS - clock.now());
  };

  return {
    take(grant) {
      const request = (): void => { grant(); }; // one entry of its own, whatever is asked for twice
      waiting.add(request);
      serve();
      return () => {
        waiting.delete(request);
        if (waiting.size > 0 || timer === undefined) return;
        clock.clearTimeout(timer);
        timer = undefined;
      };
    },
  };
}
