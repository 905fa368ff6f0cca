/** No answer; a token that has expired, and is renewed; a timeout, too early, too many requests. */
const PASSING: ReadonlySet<number> = new Set([0, 401, 408, 425, 429]);

/** Whether a read that ended with this HTTP status (0: without an answer) may succeed later as it is. */
export function mayPass(status: number): boolean {
  return PASSING.has(status) || status >= 500;
}
