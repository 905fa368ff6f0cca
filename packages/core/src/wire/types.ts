import type { RealtimeError } from '../errors.ts';

/** One change to listen for; what a binding of `postgres_changes` is made of. */
export interface Binding {
  readonly event: '*' | 'INSERT' | 'UPDATE' | 'DELETE';
  readonly schema: string;
  readonly table: string;
  /** The filter in the server's notation, `column=eq.value`. */
  readonly filter?: string;
}

/** What a join asks for. */
export interface JoinRequest {
  /** Without the `realtime:` prefix. */
  readonly topic: string;
  readonly private: boolean;
  readonly bindings: readonly Binding[];
  /** Whether broadcasts are listened to or sent. Without them and presence the topic's name means nothing to the server. */
  readonly broadcasts: boolean;
  /** Null: no presence. An empty key lets the server choose one. */
  readonly presence: { readonly key: string } | null;
}

/** A message of a joined channel, its payload as the server sent it. */
export interface WireEvent {
  readonly type: 'postgres_changes' | 'broadcast' | 'presence_state' | 'presence_diff';
  readonly payload: unknown;
}

/** What a join reports. After `onEnded`, which comes at most once, nothing more does. */
export interface JoinHandlers {
  /** The server accepted the join; `bindingIds` are its ids of the bindings, in their order, which changes name in `ids`. */
  onJoined(bindingIds?: readonly number[]): void;
  /** The server confirmed the replication subscription. */
  onSubscribed(): void;
  /** It did so again, and not because of a new access token: it may have had none for a while. */
  onResubscribed(): void;
  onEvent(event: WireEvent): void;
  /** The join failed or the channel is gone. Not called for `leave()`. */
  onEnded(error: RealtimeError): void;
}

/** One join of one topic. Not reusable: rejoining is a new join. */
export interface Join {
  /** Broadcasts. Rejects with a `RealtimeError`. */
  send(event: string, payload: unknown): Promise<void>;
  /** Sets the presence state. Rejects with a `RealtimeError`. */
  track(state: unknown): Promise<void>;
  untrack(): Promise<void>;
  /** When presence calls were made on this join, in ms since 1970, oldest first: the server counts them by join. */
  readonly presenceCalls: number[];
  /** Leaves; resolves when the topic can be joined again. Nothing is reported from here on. */
  leave(): Promise<void>;
}

/** What the socket reports. */
export interface SocketHandlers {
  onOpen(): void;
  /** It closed, or its heartbeat was not answered. */
  onLost(error: RealtimeError): void;
  /** Something arrived, whatever it is. */
  onHeard(): void;
  /** A heartbeat was answered after so many ms. */
  onLatency(latencyMs: number): void;
}

/** The transport the rest of the SDK is written against. */
export interface Wire {
  isOpen(): boolean;
  /** Opens the socket; `onOpen` or `onLost` follows. */
  open(): void;
  /** Closes the socket and stops supabase-js from reopening it. With `unlessShared`, only if no channel of the app uses it. */
  close(options?: { unlessShared?: boolean }): Promise<void>;
  /** Sends something that a living server answers, if the socket is open; `onHeard` follows. */
  probe(): void;
  /** Reports socket events until the returned function is called. */
  listen(handlers: SocketHandlers): () => void;
  /** Makes the current access token the one that joins use. Rejects with `auth/token-unavailable` or `auth/token-expired`. */
  authorize(): Promise<void>;
  join(request: JoinRequest, handlers: JoinHandlers): Join;
}
