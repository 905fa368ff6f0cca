// Taken at load, so that a test that fakes timers does not stop the clock that reports its hanging.
const { setTimeout, clearTimeout } = globalThis;

/** What {@link withPatience} says when nothing came. */
export interface Awaited {
  /** What is waited for, as in "waited 4000 ms for …". */
  what: string;
  /** What there is instead. */
  seen: () => string;
  patienceMs: number;
}

/**
 * The promise, or a rejection that says what was waited for and what was seen when it takes longer than the patience.
 * @throws Error
 */
export function withPatience<T>(promise: Promise<T>, { what, seen, patienceMs }: Awaited): Promise<T> {
  // Made here, so that its stack leads to the caller.
  const error = new Error();
  let timer: ReturnType<typeof setTimeout>;
  const impatience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      error.message = `waited ${patienceMs} ms for ${what}; ${seen()}`;
      reject(error);
    }, patienceMs);
  });
  return Promise.race([promise, impatience]).finally(() => clearTimeout(timer));
}
