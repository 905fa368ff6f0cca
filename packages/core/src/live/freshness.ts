import type { ChannelState } from '../channel/types.ts';
import type { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { LiveState } from './types.ts';

/** Failures of a sweep in a row after which the rows no longer count as live. */
const SWEEP_FAILURES = 3;

/** How sure it is that the rows held are those of the table. Made by {@link createFreshness}. */
export interface Freshness {
  /** When a comparison last left nothing open, in ms of the clock; null before the first. */
  readonly syncedAt: number | null;
  /** The stream flows from now on; whatever was before it may have been missed. */
  begin(): void;
  /** The stream does not flow: what went wrong with reads beside it no longer matters. */
  end(): void;
  /** The stream missed something. */
  missed(): void;
  /**
   * A read begins; one that `compares` closes the gaps of before. The returned function is told when it is merged, and
   * whether that is enough: else the comparison is not over until a further read is merged.
   */
  reading(compares: boolean): (isEnough: boolean) => void;
  /** A read failed, the `failures`th time in a row. */
  failed(error: RealtimeError, failures: number): void;
  /** What this says of the rows, beside what their channel says of itself. */
  status(channel: Pick<ChannelState, 'status' | 'error'>): Pick<LiveState<unknown>, 'status' | 'error'>;
}

/** Nothing was read yet. */
export function createFreshness(clock: Clock): Freshness {
  let syncedAt: number | null = null;
  /** Gaps that no comparison has closed yet; the rows are stale while there are any. */
  let gaps = 0;
  /** A comparison that waits for more: rows after the end, because its own left fewer than are wanted, or those it is not sure of. */
  let compared: { readonly at: number; readonly gaps: number } | null = null;
  let failure: RealtimeError | null = null;

  return {
    get syncedAt() {
      return syncedAt;
    },
    begin() {
      gaps = 1;
      compared = null;
      failure = null;
    },
    end() {
      failure = null;
    },
    missed() {
      gaps += 1;
    },
    reading(compares) {
      const before = gaps;
      return (isEnough) => {
        failure = null;
        if (compares) compared = { at: clock.now(), gaps: before };
        if (compared === null || !isEnough) return;
        syncedAt = compared.at;
        gaps -= compared.gaps;
        compared = null;
      };
    },
    failed(error, failures) {
      if (gaps > 0 || failures >= SWEEP_FAILURES || !error.retryable) failure = error;
    },
    status({ status, error }) {
      if (status === 'closed' || status === 'idle') return { status: 'idle', error: null };
      if (status === 'failed' || failure?.retryable === false) return { status: 'error', error: failure ?? error };
      if (status === 'live' && gaps === 0 && failure === null) return { status: 'live', error: null };
      if (failure !== null && syncedAt === null) return { status: 'error', error: failure };
      return { status: syncedAt === null ? 'loading' : 'stale', error: failure ?? error };
    },
  };
}
