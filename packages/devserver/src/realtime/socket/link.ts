/** What a fault puts between a session and its socket. Each direction keeps its order. */
export interface Link {
  /** Takes a frame, or the close of the socket, on its way out; `bytes` is what it holds in memory. */
  outgoing(pass: () => void, bytes: number): void;
  /** Takes a frame on its way in. */
  incoming(pass: () => void): void;
  /** The socket is gone, and with it all that is under way. */
  dispose(): void;
}
