import { connectionHealth, type ConnectionHealth } from '@ruwad/realtime-core';
import { computed, type ComputedRef } from 'vue';
import { useRealtime } from './realtimePlugin.ts';
import { useStore } from './useStore.ts';

/** What {@link useConnectionHealth} returns. */
export interface UseConnectionHealthResult {
  connectionStatus: ComputedRef<ConnectionHealth['connectionStatus']>;
  /** True only while the socket is open; a channel has a status of its own. */
  isConnected: ComputedRef<boolean>;
  /** True once the socket has been away for some time: when to tell people. */
  isLost: ComputedRef<boolean>;
  /** Retries now, whatever the backoff says; also undoes a disconnect. */
  reconnect: () => void;
}

/**
 * The state of the client's one socket. It opens nothing: without a mounted channel the status is `idle`.
 *
 * @throws RealtimeError `client/missing` when no client was provided.
 */
export function useConnectionHealth(): UseConnectionHealthResult {
  const { connection } = useRealtime();
  const health = useStore(connection.store, connectionHealth);
  return {
    connectionStatus: computed(() => health.value.connectionStatus),
    isConnected: computed(() => health.value.isConnected),
    isLost: computed(() => health.value.isLost),
    reconnect: () => connection.reconnect(),
  };
}
