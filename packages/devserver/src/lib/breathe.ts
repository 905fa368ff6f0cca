/** How long this thread may work before sockets and timers have their turn, in milliseconds. */
const TURN_MS = 10;

let turnBegan: number | null = null;

/**
 * Lets sockets and timers have their turn when this thread has worked for long. The embedded database answers in
 * microtasks, so that a loop over its statements would hold up everything else to its end.
 */
export function breathe(): Promise<void> | undefined {
  const now = performance.now();
  if (turnBegan === null) {
    turnBegan = now;
    setImmediate(() => (turnBegan = null));
    return undefined;
  }
  return now - turnBegan < TURN_MS ? undefined : new Promise((resolve) => setImmediate(resolve));
}
