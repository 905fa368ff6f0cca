import type { Change } from '../channel/types.ts';
import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import { sameContent } from '../lib/sameContent.ts';
import type { Logger } from '../lib/logger.ts';
import type { AnyRow } from './rowWindow.ts';

/** So many sweeps in a row that find rows whose changes never came are no accident. */
const SWEEPS_OF_PROOF = 2;
/** More changes than this within a second are near the server's default limit of 100, past which it drops them silently. */
const NEAR_LIMIT_PER_S = 80;
/** Most rows under suspicion; more prove nothing more. */
const MAX_SUSPECTS = 1_000;

/** Tells changes that the server never sent from those that were only late. */
export interface LossWatch {
  /** A change came over the stream. Says whether so many came lately that the server may be dropping some. */
  heard(change: Change<unknown>): boolean;
  /** A sweep found these differences, though the stream flowed. */
  swept(changes: readonly Change<AnyRow>[]): void;
  /** The rows were read for another reason; what they differed in proves nothing. */
  reset(): void;
  /** That changes are being dropped, in words; null while nothing points to it. */
  warning(): RealtimeError | null;
}

/** Makes a watch over one table's stream. */
export function createLossWatch({ table, clock, logger }: { table: string; clock: Clock; logger: Logger }): LossWatch {
  /** Rows as a sweep found them, whose changes have not come yet. */
  const suspects = new Map<string, AnyRow>();
  let proofs = 0;
  let warning: RealtimeError | null = null;
  let secondBegan = 0;
  let inSecond = 0;

  const isBusy = (): boolean => {
    const now = clock.now();
    if (now - secondBegan >= 1_000) {
      secondBegan = now;
      inSecond = 0;
    }
    inSecond += 1;
    return inSecond === NEAR_LIMIT_PER_S;
  };
  return {
    heard(change) {
      if (suspects.size > 0 && change.type !== 'DELETE' && sameContent(suspects.get(change.key), change.row)) suspects.delete(change.key);
      return isBusy();
    },
    swept(changes) {
      proofs = suspects.size > 0 ? proofs + 1 : 0;
      if (proofs >= SWEEPS_OF_PROOF && warning === null) {
        warning = new RealtimeError('live/changes-dropped', `the server is dropping changes of "${table}"; reading the table finds rows again and again that were never sent (the default limit is 100 events a second, counted for every subscriber)`);
        logger.warn('the server is dropping changes', { table, rows: suspects.size, sweeps: proofs + 1 });
      }
      if (proofs === 0) warning = null;
      suspects.clear();
      for (const change of changes) if (change.type !== 'DELETE' && suspects.size < MAX_SUSPECTS) suspects.set(change.key, change.row);
    },
    reset() {
      suspects.clear();
    },
    warning: () => warning,
  };
}
