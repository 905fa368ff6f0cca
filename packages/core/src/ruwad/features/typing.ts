import type { Clock, TimerHandle } from '../../lib/clock.ts';

/** Someone who is typing. */
export interface TypingUser {
  readonly userId: string;
  readonly name: string;
}

/** How long someone counts as typing after their last sign, in ms: whoever vanishes stops by themselves. */
const TIME_TO_LIVE_MS = 3_000;
/** How often the sign is repeated while typing goes on, in ms. */
const REPEAT_MS = 1_000;
/** How long after the last keystroke one has stopped, in ms. */
const QUIET_MS = 2_000;

/** Who else is typing. Made by {@link createTypists}. */
export interface Typists {
  list(): readonly TypingUser[];
  hear(sign: { user_id: string; user_name: string; is_typing: boolean }): void;
  clear(): void;
}

/** Remembers typists until they say that they stopped, or are silent for 3 s; calls `changed` whenever the list is another. */
export function createTypists(clock: Clock, changed: () => void): Typists {
  const typists = new Map<string, { user: TypingUser; timer: TimerHandle }>();
  let list: readonly TypingUser[] = [];
  const relist = (): void => {
    list = [...typists.values()].map(({ user }) => user);
    changed();
  };
  const forget = (userId: string): void => {
    const known = typists.get(userId);
    if (known === undefined) return;
    clock.clearTimeout(known.timer);
    typists.delete(userId);
    relist();
  };
  return {
    list: () => list,
    hear({ user_id: userId, user_name: name, is_typing: isTyping }) {
      if (!isTyping) {
        forget(userId);
        return;
      }
      const known = typists.get(userId);
      if (known !== undefined) clock.clearTimeout(known.timer);
      const timer = clock.setTimeout(() => { forget(userId); }, TIME_TO_LIVE_MS);
      typists.set(userId, { user: known?.user.name === name ? known.user : { userId, name }, timer });
      if (known?.user.name !== name) relist();
    },
    clear() {
      for (const { timer } of typists.values()) clock.clearTimeout(timer);
      typists.clear();
      list = [];
    },
  };
}

/** Says that oneself is typing. Made by {@link createTypingSign}. */
export interface TypingSign {
  readonly set: (isTyping: boolean) => void;
  clear(): void;
}

/** Turns keystrokes into signs: one at once, one a second while they go on, and an end after 2 s of quiet. */
export function createTypingSign(clock: Clock, send: (isTyping: boolean) => void): TypingSign {
  let lastSent: number | null = null;
  let quiet: TimerHandle | undefined;
  const clearQuiet = (): void => {
    if (quiet !== undefined) clock.clearTimeout(quiet);
    quiet = undefined;
  };
  const end = (): void => {
    clearQuiet();
    if (lastSent === null) return;
    lastSent = null;
    send(false);
  };
  return {
    set(isTyping) {
      if (!isTyping) {
        end();
        return;
      }
      clearQuiet();
      quiet = clock.setTimeout(end, QUIET_MS);
      if (lastSent !== null && clock.now() - lastSent < REPEAT_MS) return;
      lastSent = clock.now();
      send(true);
    },
    clear() {
      clearQuiet();
      lastSent = null;
    },
  };
}
