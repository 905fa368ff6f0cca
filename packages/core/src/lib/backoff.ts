/** Options of {@link backoff}. */
export interface BackoffOptions {
  /** Ceiling of the first delay, in milliseconds; it doubles with each attempt. @defaultValue `500` */
  baseMs?: number;
  /** Ceiling of every delay, in milliseconds. @defaultValue `30_000` */
  capMs?: number;
  /** Least delay, in milliseconds, added to the random part; for servers that asked for patience. @defaultValue `0` */
  floorMs?: number;
  /** Source of randomness in [0, 1); tests pass a constant. @defaultValue `Math.random` */
  random?: () => number;
}

/**
 * Delay before retry number `attempt` (from 0), in milliseconds: `floorMs` plus a value uniform in
 * [0, min(capMs, baseMs · 2^attempt)).
 *
 * @throws RangeError if `attempt` is negative.
 * @see "Full jitter" in M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015.
 */
export function backoff(attempt: number, { baseMs = 500, capMs = 30_000, floorMs = 0, random = Math.random }: BackoffOptions = {}): number {
  if (attempt < 0) throw new RangeError(`attempt must not be negative, got ${String(attempt)}`);
  return floorMs + random() * Math.min(capMs, baseMs * 2 ** attempt);
}

/** The SDK's retry rule: the first retry at once (after `floorMs`), then {@link backoff}. `attempt` counts from 0. */
export function retryDelay(attempt: number, options: BackoffOptions = {}): number {
  return attempt === 0 ? (options.floorMs ?? 0) : backoff(attempt - 1, options);
}
