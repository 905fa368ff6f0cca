import { RealtimeError, type ErrorCode } from '../errors.ts';

/** Why a join ended or never came about, as the wire saw it. */
export type CloseSignal =
  /** The server answered the join with an error; `reason` is `Code: text`. */
  | { kind: 'join-rejected'; reason: string }
  /** A `system` message with status error about the replication subscription. */
  | { kind: 'subscription-error'; message: string }
  /** The server closed the channel unasked; `message` is that of the `system` error before it, if there was one. */
  | { kind: 'closed'; message: string | null }
  /** The channel's process crashed (`phx_error`). */
  | { kind: 'crashed'; reason: string }
  | { kind: 'join-timeout' }
  | { kind: 'socket-lost'; code: number | null };

/** Patterns of the server's texts, first match wins. Collected from Supabase Realtime 2.129. */
const TEXTS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(InvalidJWTToken: )?Token has expired/, 'auth/token-expired'],
  [/^(InvalidJWTToken|MalformedJWT|JwtSignatureError):/, 'auth/token-invalid'],
  [/^:signature_error|^The token provided is not a valid JWT|^Fields `role` and `exp` are required/, 'auth/token-invalid'],
  [/^(Unauthorized: )?You do not have permissions/, 'channel/forbidden'],
  [/^(Unauthorized|PrivateOnly):/, 'channel/forbidden'],
  [/^(TopicNameRequired:|unmatched topic)/, 'channel/bad-topic'],
  [/^UnableToReplayMessages:/, 'channel/bad-topic'],
  [/^ChannelRateLimitReached:/, 'channel/too-many-channels'],
  [/^(ConnectionRateLimitReached|ClientJoinRateLimitReached):|^Too many messages per second/, 'channel/rate-limited'],
  [/^Client presence rate limit exceeded/, 'channel/presence-rate-limited'],
  [/^Track message size exceeded/, 'channel/presence-too-large'],
  [/^(No subscription params provided|Error parsing `|Column selection is not supported)/, 'channel/subscription-invalid'],
  // Bad values (22), undefined columns, tables and roles or missing rights (42) and the server's own checks (P0).
  [/^Unable to subscribe to changes[^]*Exception: ERROR (22|42|P0)/, 'channel/subscription-invalid'],
  [/^Unable to subscribe to changes/, 'channel/subscription-failed'],
];

/** Least wait before trying again, in ms, where trying at once would only repeat the refusal. */
const FLOORS: Partial<Record<ErrorCode, number>> = {
  'channel/rate-limited': 5_000,
  'channel/presence-rate-limited': 1_000,
  'channel/too-many-channels': 10_000,
  'channel/subscription-failed': 2_000,
  'channel/join-rejected': 1_000,
};

/** The typed error that a signal means. Unknown texts get the general code of their kind. */
export function closeReason(signal: CloseSignal, topic: string): RealtimeError {
  switch (signal.kind) {
    case 'join-rejected':
      return new RealtimeError(codeOf(signal.reason) ?? 'channel/join-rejected', `the join of "${topic}" was refused; ${signal.reason}`);
    case 'subscription-error':
      return new RealtimeError(codeOf(signal.message) ?? 'channel/subscription-failed', `"${topic}" gets no changes; ${signal.message}`);
    case 'closed':
      return new RealtimeError(
        (signal.message === null ? null : codeOf(signal.message)) ?? 'channel/closed',
        `the server closed "${topic}"; ${signal.message ?? 'it gave no reason'}`,
      );
    case 'crashed':
      return new RealtimeError('channel/crashed', `the server's channel "${topic}" crashed; ${signal.reason}`);
    case 'join-timeout':
      return new RealtimeError('channel/join-timeout', `the join of "${topic}" was not answered in time`);
    case 'socket-lost':
      return socketReason(signal.code);
  }
}

/** The typed error for a socket that closed with this code (null when unknown). */
export function socketReason(code: number | null, everOpen = true): RealtimeError {
  if (code === 1012) return new RealtimeError('connection/server-restart', 'the socket was closed; the server restarts (1012)');
  if (!everOpen) return new RealtimeError('connection/refused', 'the socket did not open; refused or unreachable');
  if (code === null || code === 1006) return new RealtimeError('connection/lost', 'the socket was lost without a close frame');
  return new RealtimeError('connection/closed', `the server closed the socket with code ${String(code)}`);
}

/** Whether the server gave a reason that is none of those known here. */
export function isUnknownReason(signal: CloseSignal): boolean {
  switch (signal.kind) {
    case 'join-rejected':
      return codeOf(signal.reason) === null;
    case 'subscription-error':
      return codeOf(signal.message) === null;
    case 'closed':
      return signal.message !== null && codeOf(signal.message) === null;
    default:
      return false;
  }
}

/** Least wait before a retry after this error, in ms. */
export function retryFloorMs(error: RealtimeError): number {
  return FLOORS[error.code] ?? 0;
}

function codeOf(text: string): ErrorCode | null {
  return TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
