import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import type { RealtimeError } from '../../errors.ts';
import type { ActionDefinition, Json, OutboxEntry, Receipt } from '../../outbox/types.ts';
import { derivedStore } from './derivedStore.ts';
import { idleFeature, type FeatureState } from './featureState.ts';

/** State of {@link createOfflineQueue}. */
export interface OfflineQueueState extends FeatureState {
  /** Best knowledge of whether the server can be reached: the platform's word, the connection, and the latest requests. */
  readonly isOnline: boolean;
  /** Waiting or being sent, in order. */
  readonly pendingActions: readonly OutboxEntry[];
  /** Refused by the server for good, with its message; kept until they are sent again or discarded. */
  readonly failedActions: readonly OutboxEntry[];
  /** Whether the queue outlives the page; null until that is known. */
  readonly isDurable: boolean | null;
  /** What the app should know of the storage; else null. */
  readonly warning: RealtimeError | null;
}

/** Actions of {@link createOfflineQueue}. Those that return promises reject with a `RealtimeError`. */
export interface OfflineQueueActions {
  /** Shows the action's effects at once, and resolves when it is stored. */
  readonly queueAction: <Input, Output, Given>(action: ActionDefinition<Input, Output, Given>, input: Given) => Promise<Receipt<Output>>;
  /** Sends a failed action again; with another input when one is given. */
  readonly retry: (id: string, input?: Json) => Promise<void>;
  /** Forgets a failed action, or one that was not sent yet. */
  readonly discard: (id: string) => Promise<void>;
}

/** What {@link createOfflineQueue} gives. */
export type OfflineQueue = Feature<OfflineQueueState, OfflineQueueActions>;

/**
 * The client's outbox as a feature.
 *
 * @throws RealtimeError `client/no-outbox` when the client was made without one.
 */
export function createOfflineQueue(realtime: RealtimeClient): OfflineQueue {
  const { outbox, connection, logger } = realtime;
  const { online, pending, failed, durable, warning } = outbox.store.initial;
  const store = derivedStore<OfflineQueueState>({
    initial: { ...idleFeature, isOnline: online, pendingActions: pending, failedActions: failed, isDurable: durable, warning },
    logger,
    sources: [outbox.store, connection.store],
    derive() {
      const now = outbox.store.get();
      return {
        status: now.durable === null ? 'loading' : 'live',
        error: null,
        isConnected: connection.store.get().status === 'open',
        isOnline: now.online,
        pendingActions: now.pending,
        failedActions: now.failed,
        isDurable: now.durable,
        warning: now.warning,
      };
    },
  });
  return {
    store,
    actions: {
      queueAction: (action, input) => outbox.enqueue(action, input),
      retry: (id, input) => outbox.retry(id, input),
      discard: (id) => outbox.discard(id),
    },
  };
}
