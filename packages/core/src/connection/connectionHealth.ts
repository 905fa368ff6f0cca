import type { ConnectionState, ConnectionStatus } from './types.ts';

/** The state of the socket in the terms a user interface shows. */
export interface ConnectionHealth {
  readonly connectionStatus: {
    readonly status: ConnectionStatus;
    /** When the socket was last open; null before the first time. */
    readonly lastConnected: Date | null;
    /** Retries since then. */
    readonly reconnectAttempts: number;
    /** Round trip of the last heartbeat, in ms; null before the first. */
    readonly latencyMs: number | null;
    /** When the next retry is due, in ms since 1970; null when none waits. */
    readonly nextRetryAt: number | null;
  };
  /** True only while the socket is open; a channel has a status of its own. */
  readonly isConnected: boolean;
  /** True once the socket has been away for some time (5 s unless the client says otherwise): when to tell people. */
  readonly isLost: boolean;
}

/** Puts the state of a connection into the terms of {@link ConnectionHealth}. */
export function connectionHealth({ status, lost, lastConnectedAt, attempt, latencyMs, nextRetryAt }: ConnectionState): ConnectionHealth {
  return {
    connectionStatus: {
      status,
      lastConnected: lastConnectedAt === null ? null : new Date(lastConnectedAt),
      reconnectAttempts: attempt,
      latencyMs,
      nextRetryAt,
    },
    isConnected: status === 'open',
    isLost: lost,
  };
}
