/** Most states that the repetitions of a pattern may multiply to; more takes Postgres seconds to minutes for one value. */
const MAX_STATES = 1_000;
const MAX_LENGTH = 1_000;

/**
 * Why a regular expression of a client is not run, or `null`. The embedded Postgres has one thread and cannot be
 * interrupted, so that a costly pattern would hold everybody up: `(a{1,255}){1,255}$` on 3,000 letters takes minutes.
 * Postgres matches most patterns in linear time; what does not is back references, and repetitions that multiply.
 */
export function patternRefusal(pattern: string): string | null {
  if (pattern.length > MAX_LENGTH) return `the dev server takes regular expressions of at most ${MAX_LENGTH} characters`;
  if (/(?<!\\)(?:\\\\)*\\[1-9]/.test(pattern)) return 'the dev server takes no back references in regular expressions';
  if (statesOf(pattern) > MAX_STATES) return `the dev server takes no regular expressions whose repetitions multiply to more than ${MAX_STATES}`;
  return null;
}

/** An escaped or bracketed character, a bounded repetition, or any one character. */
const TOKENS = /\\.|\[\^?\]?(?:\\.|[^\]])*\]|\{(\d+)(?:(,)(\d*))?\}|./gs;

/** About as many states as Postgres' automaton has: a repetition multiplies what is before it. */
function statesOf(pattern: string): number {
  const outer: number[] = [];
  let sum = 0;
  let last = 0;
  const add = (states: number) => {
    sum += last;
    last = states;
  };
  for (const [token, least, , most] of pattern.matchAll(TOKENS)) {
    if (least !== undefined) last *= Math.max(1, Number(least), Number(most ?? 0));
    else if (token === '(') {
      add(0);
      outer.push(sum);
      sum = 0;
    } else if (token === ')') {
      const inside = sum + last;
      sum = outer.pop() ?? 0;
      last = inside;
    } else add(1);
  }
  return sum + last + outer.reduce((total, states) => total + states, 0);
}
