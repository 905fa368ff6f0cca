import { connectionHealth, type ConnectionHealth } from '@ruwad/realtime-core';
import { useCallback } from 'react';
import { useRealtime } from './RealtimeProvider.tsx';
import { useStore } from './useStore.ts';

/** What {@link useConnectionHealth} returns. */
export interface UseConnectionHealthResult extends ConnectionHealth {
  /** Retries now, whatever the backoff says; also undoes a disconnect. */
  reconnect: () => void;
}

/**
 * The state of the client's one socket. It opens nothing: without a mounted channel the status is `idle`.
 *
 * @throws RealtimeError `client/missing` outside a {@link RealtimeProvider}.
 */
export function useConnectionHealth(): UseConnectionHealthResult {
  const { connection } = useRealtime();
  const health = useStore(connection.store, connectionHealth);
  const reconnect = useCallback(() => connection.reconnect(), [connection]);
  return { ...health, reconnect };
}
