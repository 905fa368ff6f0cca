import type { ConnectionState } from '../connection/types.ts';
import { platformSignals, type PlatformSignals } from '../lib/platformSignals.ts';
import type { Store } from '../store/store.ts';
import type { Outcome } from './attempt.ts';

/** Whether the server can be reached, as far as anybody knows. */
export interface Reachability {
  readonly online: boolean;
  /** What the platform alone says. */
  readonly platform: boolean;
  /** A request ended. */
  heard(outcome: Outcome): void;
  /** Watches until the returned function is called. */
  watch(listener: ReachabilityListener): () => void;
}

/** What {@link Reachability} tells of. */
interface ReachabilityListener {
  readonly onChanged: () => void;
  /** The server may be back, or somebody is. */
  readonly onWake: () => void;
}

/**
 * The latest evidence decides: the platform's word, the socket, or a request's answer. The platform's alone would be too good
 * to be true, behind a captive portal for one.
 */
export function createReachability(connection: Store<ConnectionState>, signals: PlatformSignals = platformSignals): Reachability {
  let evidence = true;
  let notify = (): void => undefined;
  const found = (reached: boolean): void => {
    if (evidence === reached) return;
    evidence = reached;
    notify();
  };
  return {
    get online() {
      return evidence && signals.isOnline();
    },
    get platform() {
      return signals.isOnline();
    },
    heard(outcome) {
      if (outcome.type === 'aborted') return;
      if (outcome.type === 'again' && outcome.reason === 'network') found(false);
      else if (outcome.type !== 'again' || outcome.reason === 'busy' || outcome.reason === 'patience') found(true);
    },
    watch({ onChanged, onWake }) {
      notify = onChanged;
      let { status, lost } = connection.get();
      const unsubscribe = connection.subscribe(() => {
        const before = { status, lost };
        ({ status, lost } = connection.get());
        if (lost && !before.lost) found(false);
        if (status !== 'open' || before.status === 'open') return;
        found(true);
        onWake();
      });
      const unwatch = signals.watch({
        onOnline() {
          evidence = true;
          onChanged();
          onWake();
        },
        onOffline: onChanged,
        onWake,
      });
      return () => {
        unsubscribe();
        unwatch();
        notify = () => undefined;
      };
    },
  };
}
