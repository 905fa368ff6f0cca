import type { Logger } from '../lib/logger.ts';
import type { Outcome } from './attempt.ts';
import { foldLane, isUnsent } from './fold.ts';
import type { Journal } from './journal.ts';
import type { QueueRecord } from './queueRecord.ts';
import type { RetryPolicy } from './retryPolicy.ts';
import type { SharedRecord } from './sharedRecord.ts';
import { isOwn } from './sparedQueue.ts';
import type { ActionDefinition, StoredAction } from './types.ts';

/** What {@link createDrain} is made of. */
interface DrainParts {
  readonly record: QueueRecord;
  readonly shared: SharedRecord;
  readonly journal: Journal;
  readonly policy: RetryPolicy;
  readonly attempt: (action: StoredAction, signal: AbortSignal) => Promise<Outcome>;
  readonly definitionOf: (name: string) => ActionDefinition | undefined;
  /** Lanes that send side by side. */
  readonly lanes: number;
  /** Aborts when nothing is to be sent any more. */
  readonly ending: AbortSignal;
  /** Another tab did something that it did not tell: has this tab and the others read everything. */
  readonly resync: () => Promise<void>;
  /** An attempt ended, and not before anything was sent. */
  readonly onOutcome: (outcome: Outcome) => void;
  readonly logger: Logger;
}

/** Sends the queue: the heads of lanes, side by side, each lane in order. What only this tab has it sends always. */
export interface Drain {
  /** Sends what all tabs have, until the signal aborts. */
  lead(signal: AbortSignal): void;
  /** Looks whether something can be sent: the queue has changed. */
  pump(): void;
  /** Tries at once what waits for its time. */
  wake(): void;
  /** Actions that an attempt is under way for, by place. */
  readonly sending: ReadonlySet<number>;
  readonly leading: boolean;
}

/** Makes a drain. */
export function createDrain({ record, shared, journal, policy, attempt, definitionOf, lanes: width, ending, resync, onOutcome, logger }: DrainParts): Drain {
  const { view } = record;
  const busy = new Set<string>();
  const sending = new Set<number>();
  let leading: AbortSignal | undefined;

  const lanes = function* (): IterableIterator<string> {
    for (const lane of view.lanes()) if (leading !== undefined || isOwn(view.head(lane)?.seq ?? 0)) yield lane;
  };
  const pump = (): void => {
    if (ending.aborted) return;
    while (busy.size < width) {
      const lane = policy.choose(lanes(), busy);
      const head = lane === undefined ? undefined : view.head(lane);
      if (head === undefined) break;
      void send(head, isOwn(head.seq) ? ending : (leading ?? ending));
    }
  };

  /** One action, once. Its lane is busy until nothing of this attempt is left to be done. */
  const send = async (head: StoredAction, signal: AbortSignal): Promise<void> => {
    const { lane } = head;
    busy.add(lane);
    try {
      const claimed = await claim(head);
      if (claimed !== null && !signal.aborted) settle(claimed, await tried(claimed, signal), signal);
    } catch (error) {
      policy.failed(lane, 'busy', null);
      logger.warn('an attempt did not begin; the storage of the queue failed', { reason: String(error) });
    }
    busy.delete(lane);
    pump();
  };
  const tried = async (action: StoredAction, signal: AbortSignal): Promise<Outcome> => {
    sending.add(action.seq);
    record.mark(action, 'sending');
    const outcome = await attempt({ ...action, attempts: action.attempts - 1 }, signal);
    sending.delete(action.seq);
    return outcome;
  };

  /** Stores that an attempt begins, so that nobody takes the action for unsent; null when there is nothing to send. */
  const claim = async (head: StoredAction): Promise<StoredAction | null> => {
    const { head: made, rest } = (isUnsent(head) ? foldLane(view.lane(head.lane).filter(({ seq }) => isOwn(seq) === isOwn(head.seq)), definitionOf) : null) ?? { head, rest: [] };
    const places = [head.seq, ...rest];
    /** Folded only while nobody has sent or removed any of them. */
    const isAsSeen = (found: ReadonlyMap<number, StoredAction>): boolean => found.size === places.length && [...found.values()].every(rest.length > 0 ? isUnsent : isWaiting);
    const claimedOf = (found: ReadonlyMap<number, StoredAction>): StoredAction | null => {
      const now = found.get(head.seq) ?? head;
      return made && { ...now, ...(rest.length > 0 && made), attempts: now.attempts + 1 };
    };
    let found: ReadonlyMap<number, StoredAction>;
    try {
      found = await journal.change(places, (now) => {
        if (!isAsSeen(now)) return {};
        const claimed = claimedOf(now);
        return { put: claimed === null ? [] : [claimed], remove: claimed === null ? places : rest };
      });
    } catch (error) {
      return claimUnstored(head, error);
    }
    if (!isAsSeen(found)) {
      for (const action of found.values()) shared.put(action);
      if (found.size < places.length) await resync();
      if (places.some((seq) => !found.has(seq) && view.get(seq) !== undefined)) throw new Error('what is stored could not be read');
      return null;
    }
    const claimed = claimedOf(found);
    if (claimed === null) cancelled(places);
    else if (rest.length > 0) shared.absorb(claimed, rest);
    else shared.put(claimed);
    return claimed;
  };
  const cancelled = (seqs: readonly number[]): void => {
    for (const seq of seqs) {
      const action = view.get(seq);
      if (action !== undefined) shared.settle(action, 'cancelled');
    }
  };
  /**
   * A full disk refuses to store the attempt, but not to remove the action once it is done: sending is what makes room. All
   * that was done before has to be removed by then.
   */
  const claimUnstored = async (head: StoredAction, error: unknown): Promise<StoredAction> => {
    if (!(error instanceof Error) || error.name !== 'QuotaExceededError') throw error;
    await journal.flushed();
    const claimed = { ...head, attempts: head.attempts + 1 };
    journal.keep(claimed, () => undefined); // others fold and discard what counts as unsent
    shared.put(claimed);
    return claimed;
  };

  const settle = (action: StoredAction, outcome: Outcome, signal: AbortSignal): void => {
    if (outcome.type === 'aborted' || (signal.aborted && outcome.type !== 'done')) {
      record.mark(action, 'stored');
      return;
    }
    const wasSent = outcome.type !== 'failed' || outcome.failure.code === 'outbox/failed';
    if (wasSent) onOutcome(outcome);
    if (outcome.type === 'again') {
      policy.failed(action.lane, outcome.reason, outcome.afterMs);
      shared.put(action);
      record.mark(action, 'stored');
      return;
    }
    if (wasSent) policy.answered(action.lane);
    if (outcome.type === 'done') {
      journal.remove(action.seq);
      shared.settle(action, 'confirmed', outcome.output);
      return;
    }
    const failed = { ...action, failure: outcome.failure };
    record.put(failed);
    // A tab that ends before it is stored should not have told; where it cannot be stored the others have to know all the same.
    journal.keep(failed, () => { shared.tell(failed); });
  };

  return {
    lead(signal) {
      leading = signal;
      signal.addEventListener('abort', () => {
        if (leading === signal) leading = undefined;
        pump();
      }, { once: true });
      pump();
    },
    pump,
    wake() {
      policy.wake();
      pump();
    },
    sending,
    get leading() {
      return leading !== undefined;
    },
  };
}

function isWaiting({ failure }: StoredAction): boolean {
  return failure === null;
}
