import type { Clock, TimerHandle } from '../../lib/clock.ts';

/** Someone's pointer, as fractions (0 to 1) of the section it is over. */
export interface Cursor {
  readonly userId: string;
  readonly section: string;
  readonly x: number;
  readonly y: number;
}

/** How long a pointer is shown after it last moved, in ms. */
const TIME_TO_LIVE_MS = 5_000;

/** The others' pointers. Made by {@link createCursors}. */
export interface Cursors {
  list(): readonly Cursor[];
  move(cursor: Cursor): void;
  /** Takes away the pointers of people who are not in the room. */
  keep(isPresent: (userId: string) => boolean): void;
  clear(): void;
}

/** Remembers pointers until they rest for 5 s; calls `changed` when one is taken away for that. */
export function createCursors(clock: Clock, changed: () => void): Cursors {
  const cursors = new Map<string, { cursor: Cursor; timer: TimerHandle }>();
  let list: readonly Cursor[] = [];
  const relist = (): void => {
    list = [...cursors.values()].map(({ cursor }) => cursor);
  };
  const drop = (userId: string): void => {
    const known = cursors.get(userId);
    if (known === undefined) return;
    clock.clearTimeout(known.timer);
    cursors.delete(userId);
    relist();
  };
  return {
    list: () => list,
    move(cursor) {
      drop(cursor.userId);
      const timer = clock.setTimeout(() => {
        drop(cursor.userId);
        changed();
      }, TIME_TO_LIVE_MS);
      cursors.set(cursor.userId, { cursor, timer });
      relist();
    },
    keep(isPresent) {
      for (const userId of [...cursors.keys()]) if (!isPresent(userId)) drop(userId);
    },
    clear() {
      for (const userId of [...cursors.keys()]) drop(userId);
    },
  };
}
