import { createOfflineQueue, type OfflineQueueActions, type OfflineQueueState } from '@ruwad/realtime-core/ruwad';
import { useFeature } from '../useFeature.ts';

/**
 * The client's queue of writes: what waits, what the server refused, and whether it can be reached.
 *
 * @throws RealtimeError `client/no-outbox` when the client was made without one.
 */
export function useOfflineQueue(): OfflineQueueState & OfflineQueueActions {
  return useFeature(createOfflineQueue, undefined);
}
