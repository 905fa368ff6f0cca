/** The server closes a channel at the sixth presence call within 30 s; a second is added for the way there. */
const BUDGET_CALLS = 5;
const BUDGET_WINDOW_MS = 31_000;

/**
 * How long until another presence call is allowed on a join, in ms.
 *
 * @param calls - when the earlier ones were made, oldest first; those that no longer count are taken out.
 */
export function presenceWaitMs(calls: number[], now: number): number {
  while (calls[0] !== undefined && now - calls[0] >= BUDGET_WINDOW_MS) calls.shift();
  const oldest = calls[0];
  return calls.length < BUDGET_CALLS || oldest === undefined ? 0 : oldest + BUDGET_WINDOW_MS - now;
}
