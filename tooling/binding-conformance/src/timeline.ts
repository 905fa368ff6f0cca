/** A growing record of what happened, which tests wait on instead of sleeping. */
export interface Timeline<T> {
  /** Everything so far, oldest first. */
  readonly all: readonly T[];
  readonly push: (entry: T) => void;
  /**
   * The first entry, past or future, for which `matches` holds.
   *
   * @throws Error naming `what` and the last entry when none came within the deadline of 20 s.
   */
  readonly until: (matches: (entry: T) => boolean, what: string) => Promise<T>;
  /** The same, from the latest entry on: for values that change, of which only the current one counts. */
  readonly now: (matches: (entry: T) => boolean, what: string) => Promise<T>;
}

const DEADLINE_MS = 20_000;

export function createTimeline<T>(): Timeline<T> {
  const all: T[] = [];
  const listeners = new Set<(entry: T) => void>();

  const next = (matches: (entry: T) => boolean, what: string) =>
    new Promise<T>((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(deadline);
        listeners.delete(listen);
        finish();
      };
      const listen = (entry: T) => {
        if (matches(entry)) settle(() => resolve(entry));
      };
      const deadline = setTimeout(
        () => settle(() => reject(new Error(`Waited ${DEADLINE_MS} ms for ${what}; last seen: ${all.length === 0 ? 'nothing' : JSON.stringify(all.at(-1)).slice(0, 1_000)}`))),
        DEADLINE_MS,
      );
      listeners.add(listen);
    });

  const first = (entries: readonly T[], matches: (entry: T) => boolean, what: string) => {
    const index = entries.findIndex(matches);
    return index === -1 ? next(matches, what) : Promise.resolve(entries[index] as T); // findIndex found it
  };

  return {
    all,
    push: (entry) => {
      all.push(entry);
      for (const listener of [...listeners]) listener(entry);
    },
    until: (matches, what) => first(all, matches, what),
    now: (matches, what) => first(all.slice(-1), matches, what),
  };
}
