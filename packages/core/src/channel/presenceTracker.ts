import { RealtimeError } from '../errors.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import { stableKey } from '../lib/stableKey.ts';
import type { Join } from '../wire/types.ts';
import { presenceWaitMs } from './presenceBudget.ts';

/** What should be shared: a state, nothing any more, or nothing was ever asked for. */
type Wanted = { readonly state: unknown } | 'nothing' | null;

/** Keeps one presence state shared. Made by {@link createPresenceTracker}. */
export interface PresenceTracker {
  /** Shares this state from now on; resolves when it, or a later one, is shared. */
  track(state: unknown): Promise<void>;
  /** Shares nothing any more. */
  untrack(): Promise<void>;
  /** A new join is live: shares the latest state on it. */
  onLive(join: Join): void;
  /** There is no live join any more. With an error there will be none either: those who wait are told. */
  onDown(error?: RealtimeError): void;
  /** Forgets the state and rejects those who wait. */
  reset(error: RealtimeError): void;
}

/** Merges presence calls to what the server allows, always ending with the latest, and repeats it after every rejoin. */
export function createPresenceTracker(clock: Clock): PresenceTracker {
  let wanted: Wanted = null;
  let sent: Wanted = null;
  let join: Join | null = null;
  let sending = false;
  let timer: TimerHandle | undefined;
  const waiters: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  const settle = (finish: (waiter: (typeof waiters)[number]) => void, first = waiters.length): void => {
    for (const waiter of waiters.splice(0, first)) finish(waiter);
  };
  const clearTimer = (): void => {
    if (timer !== undefined) clock.clearTimeout(timer);
    timer = undefined;
  };

  const flush = (): void => {
    if (join === null || sending || timer !== undefined) return;
    if (wanted === sent || (wanted === 'nothing' && sent === null)) {
      settle(({ resolve }) => { resolve(); });
      return;
    }
    const waitMs = presenceWaitMs(join.presenceCalls, clock.now());
    if (waitMs > 0) {
      timer = clock.setTimeout(() => {
        timer = undefined;
        flush();
      }, waitMs);
      return;
    }
    void push(join, wanted);
  };
  const push = async (on: Join, target: Wanted): Promise<void> => {
    sending = true;
    on.presenceCalls.push(clock.now());
    const asked = waiters.length; // who comes later asks for a later state
    try {
      if (target === null || target === 'nothing') await on.untrack();
      else await on.track(target.state);
      if (on === join) {
        sent = target;
        settle(({ resolve }) => { resolve(); }, asked);
      }
    } catch (error) {
      // Another channel of the topic shares one; after a rejoin it is still that one's turn.
      if (error instanceof RealtimeError && error.code === 'channel/presence-in-use' && wanted === target) wanted = null;
      // On a lost join the state is shared again after the rejoin; a refusal is the callers' to know.
      if (on === join) settle(({ reject }) => { reject(error); }, asked);
    }
    if (on !== join) return;
    sending = false;
    // What failed is not tried again by itself; what was asked for meanwhile is sent.
    if (sent === target || wanted !== target) flush();
  };
  const want = (target: Wanted): Promise<void> => {
    // Sharing the same again would only use up the budget.
    if (stableKey(target) !== stableKey(wanted)) wanted = target;
    return new Promise((resolve, reject) => {
      waiters.push({ resolve, reject });
      flush();
    });
  };

  return {
    track: (state) => want({ state }),
    untrack: () => want('nothing'),
    onLive(live) {
      join = live;
      sent = null;
      sending = false;
      clearTimer();
      flush();
    },
    onDown(error) {
      join = null;
      sending = false;
      clearTimer();
      if (error !== undefined) settle(({ reject }) => { reject(error); });
    },
    reset(error) {
      this.onDown(error);
      wanted = null;
      sent = null;
    },
  };
}
