import type { Clock, TimerHandle } from '../lib/clock.ts';
import type { Outcome } from './attempt.ts';
import type { Journal } from './journal.ts';
import type { QueueView } from './queueView.ts';
import type { RetryPolicy } from './retryPolicy.ts';
import type { StoredAction } from './types.ts';

/** What the drain tells of. */
interface DrainListener {
  /** An attempt begins, or has ended. */
  onSending(): void;
  /** The record is as it is now: its attempts were counted, or it failed. */
  onChanged(actions: readonly StoredAction[]): void;
  /** The server did it, and it leaves the queue. */
  onConfirmed(action: StoredAction, output: unknown): void;
  /** Somebody else removed it. */
  onGone(action: StoredAction): void;
  onOutcome(outcome: Outcome): void;
  onStorageFailed(error: unknown): void;
}

/** What {@link createDrain} is made of. */
export interface DrainParts {
  readonly view: QueueView;
  readonly journal: Journal;
  readonly policy: RetryPolicy;
  readonly attempt: (action: StoredAction, signal: AbortSignal) => Promise<Outcome>;
  /** Lanes that send side by side. */
  readonly lanes: number;
  readonly clock: Clock;
  readonly listener: DrainListener;
}

/** Sends the queue: the heads of lanes, side by side, each lane in order. */
export interface Drain {
  /** Sends until the signal aborts. */
  start(signal: AbortSignal): void;
  /** Looks whether something can be sent: the queue has changed. */
  pump(): void;
  /** Tries at once what waits for its time. */
  wake(): void;
  /** Actions that an attempt is under way for, by place. */
  readonly sending: ReadonlySet<number>;
  readonly running: boolean;
}

/** Makes a drain that does nothing until it is started. */
export function createDrain({ view, journal, policy, attempt, lanes: width, clock, listener }: DrainParts): Drain {
  const busy = new Set<string>();
  const sending = new Set<number>();
  let running: AbortSignal | undefined;
  let timer: TimerHandle | undefined;

  const stopTimer = (): void => {
    if (timer !== undefined) clock.clearTimeout(timer);
    timer = undefined;
  };
  const pump = (): void => {
    stopTimer();
    if (running === undefined) return;
    while (busy.size < width) {
      const lane = policy.choose(view.lanes(), busy);
      const head = lane === undefined ? undefined : view.head(lane);
      if (head === undefined) break;
      void send(head, running);
    }
    const nextInMs = busy.size < width ? policy.nextInMs(view.lanes(), busy) : null;
    if (nextInMs !== null) timer = clock.setTimeout(pump, nextInMs);
  };

  /** One action, once. Its lane is busy until nothing of this attempt is left to be done. */
  const send = async (head: StoredAction, signal: AbortSignal): Promise<void> => {
    busy.add(head.lane);
    try {
      const claimed = await claim(head);
      if (claimed !== null && !signal.aborted) settle(claimed, await tried(claimed, signal), signal);
    } catch (error) {
      policy.failed(head.lane, 'busy', null);
      listener.onStorageFailed(error);
    }
    busy.delete(head.lane);
    pump();
  };
  const tried = async (action: StoredAction, signal: AbortSignal): Promise<Outcome> => {
    sending.add(action.seq);
    listener.onSending();
    const outcome = await attempt({ ...action, attempts: action.attempts - 1 }, signal);
    sending.delete(action.seq);
    listener.onSending();
    return outcome;
  };

  /** Stores that an attempt begins, so that nobody takes the action for unsent; null when it is gone. */
  const claim = async (head: StoredAction): Promise<StoredAction | null> => {
    const claimed = await journal.update(head.seq, (now) => (now.failure === null ? { ...now, attempts: now.attempts + 1 } : null));
    if (claimed === null) listener.onGone(head);
    else listener.onChanged([claimed]);
    return claimed;
  };

  const settle = (action: StoredAction, outcome: Outcome, signal: AbortSignal): void => {
    if (outcome.type === 'aborted' || signal.aborted && outcome.type !== 'done') return;
    listener.onOutcome(outcome);
    if (outcome.type === 'again') {
      policy.failed(action.lane, outcome.reason, outcome.afterMs);
      return;
    }
    policy.answered(action.lane);
    if (outcome.type === 'done') {
      journal.remove(action.seq);
      listener.onConfirmed(action, outcome.output);
      return;
    }
    const failed = { ...action, failure: outcome.failure };
    journal.update(action.seq, () => failed).catch((error: unknown) => { listener.onStorageFailed(error); });
    listener.onChanged([failed]);
  };

  return {
    start(signal) {
      running = signal;
      signal.addEventListener('abort', () => {
        if (running === signal) running = undefined;
        stopTimer();
      }, { once: true });
      pump();
    },
    pump,
    wake() {
      policy.wake();
      pump();
    },
    sending,
    get running() {
      return running !== undefined;
    },
  };
}
