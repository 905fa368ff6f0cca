/** Whether trying again later, unchanged, can succeed. Every code the SDK can give is a key. */
const CODES = {
  'auth/no-user': false,
  'auth/token-expired': true,
  'auth/token-invalid': false,
  'auth/token-unavailable': true,
  'channel/bad-topic': false,
  'channel/closed': true,
  'channel/crashed': true,
  'channel/forbidden': false,
  'channel/join-rejected': true,
  'channel/join-timeout': true,
  'channel/not-live': true,
  'channel/payload-invalid': false,
  'channel/payload-too-large': false,
  'channel/presence-in-use': false,
  'channel/presence-rate-limited': true,
  'channel/presence-too-large': false,
  'channel/rate-limited': true,
  'channel/send-rejected': false,
  'channel/send-timeout': true,
  'channel/subscription-failed': true,
  'channel/subscription-invalid': false,
  'channel/subscription-timeout': true,
  'channel/too-many-channels': true,
  'channel/topic-in-use': true,
  'channel/topic-merged': true,
  'client/disposed': false,
  'client/missing': false,
  'client/no-database': false,
  'client/no-outbox': false,
  'command/failed': true,
  'command/rejected': false,
  'connection/closed': true,
  'connection/disconnected': false,
  'connection/lost': true,
  'connection/offline': true,
  'connection/refused': true,
  'connection/server-restart': true,
  'live/changes-dropped': true,
  'live/snapshot-failed': true,
  'live/snapshot-invalid': false,
  'outbox/action-unknown': false,
  'outbox/already-sent': false,
  'outbox/discarded': false,
  'outbox/failed': false,
  'outbox/input-invalid': false,
  'outbox/not-durable': false,
  'outbox/records-damaged': false,
} as const;

/** Stable code of an error, `area/reason`. Messages may change; codes do not. */
export type ErrorCode = keyof typeof CODES;

/** Every code the SDK can give, sorted. */
export const ERROR_CODES = Object.keys(CODES) as readonly ErrorCode[]; // the keys of a const object literal are exactly its key type

/** The one error class of the SDK: a stable code, a message "what failed; why", and the cause where there is one. */
export class RealtimeError extends Error {
  override readonly name = 'RealtimeError';
  /** What went wrong, for programs. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(`[${code}] ${message}`, options);
    this.code = code;
  }

  /** Whether the same thing may work later without a change by the app or the user. */
  get retryable(): boolean {
    return CODES[this.code];
  }
}
