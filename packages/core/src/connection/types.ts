import type { RealtimeError } from '../errors.ts';
import type { Store } from '../store/store.ts';

/**
 * - `idle` – no channel needs the socket
 * - `connecting` – the first attempt is under way
 * - `open`
 * - `reconnecting` – the socket was lost or refused; a retry waits or is under way
 * - `offline` – the platform says there is no network
 * - `closed` – closed by `disconnect()` or `dispose()`
 */
export type ConnectionStatus = 'idle' | 'connecting' | 'open' | 'reconnecting' | 'offline' | 'closed';

/** State of the socket. Times are ms since 1970. */
export interface ConnectionState {
  readonly status: ConnectionStatus;
  /** When this status began; 0 before anything happened. */
  readonly since: number;
  /**
   * Whether the socket has been away for so long that people should be told (`lostAfterMs` of the client): most cuts heal
   * before. False while it is open, idle or closed on purpose.
   */
  readonly lost: boolean;
  /** Retries since the socket was last open. */
  readonly attempt: number;
  /** When the next retry is due; null when none waits. */
  readonly nextRetryAt: number | null;
  /** Round trip of the last heartbeat, in ms; null before the first. */
  readonly latencyMs: number | null;
  readonly lastConnectedAt: number | null;
  /** Why the socket is not open; null while all is well, and while nothing needs it. */
  readonly reason: RealtimeError | null;
}

/** The one socket of a client. It opens when a channel needs it and closes after the last one left. */
export interface Connection {
  readonly store: Store<ConnectionState>;
  /** Retries now, whatever the backoff says; also undoes {@link disconnect} and tries refused channels again. */
  readonly reconnect: () => void;
  /** Closes the socket and keeps it closed until {@link reconnect}; channels say `disconnected` meanwhile. */
  readonly disconnect: () => void;
}
