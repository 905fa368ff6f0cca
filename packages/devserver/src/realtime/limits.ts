/** What no tenant can change on the real server, and the bounds this server adds to protect itself. Times in milliseconds. */
export const LIMITS = {
  /** Largest frame a socket may send; more closes it with 1009. */
  maxFrameBytes: 5_000_000,
  /** A refused handshake is answered this late … */
  refusedHandshakeMs: 2_000,
  /** … and a refused join this late, so that nobody hammers. */
  refusedJoinMs: 5_000,
  /** How often a socket's silence is looked at; it ends after eleven silent looks (the real server's 66 s). */
  idleTickMs: 6_000,
  idleTicks: 11,
  /** From a new access token to the new Postgres subscription. */
  resubscribeMs: 1_000,
  /** From a subscription that the database failed on to the next try (the real server waits 5 to 10 s). */
  retrySubscribeMs: 5_000,
  /** From a server's SIGTERM to its end, for sockets that it does not close with 1012 (09a, 09f). */
  shutdownMs: 5_000,
  /** A client that reads so slowly that this much is waiting for it is cut off. */
  maxBufferedBytes: 32_000_000,
  /** What of a socket may wait for answers before it is no longer read; each message counts this much more. */
  maxWaitingBytes: 10_000_000,
  messageOverheadBytes: 1_000,
  /** Largest body of a broadcast over HTTP. */
  maxBodyBytes: 8_000_000,
  maxReplayedMessages: 25,
  /** How often old database broadcasts are deleted. */
  pruneEveryMs: 3_600_000,
} as const;
