import type { TextGuess } from './textGuess.ts';

/** Where a text is among the others. Those that the server does not tell apart, as case in citext, share one. */
interface Place<Below> {
  rank: number;
  /** What orders rows that have the same place. */
  below: Below | undefined;
}

/**
 * An order of texts that the server teaches, for collations and enums that a client cannot know. It is total at any
 * time: a text that was not told yet gets a place by a guess, and keeps it until the server says otherwise.
 */
export interface TextOrder<Below> {
  /** Whether the text has a place, or would get one that is no guess. */
  isPlaced(text: string): boolean;
  /** Its place; one that has none gets one. */
  placeOf(text: string): Place<Below>;
  /** What orders rows that have its place, if it has one and there is such. */
  belowOf(text: string): Below | undefined;
  /**
   * Learns texts in the server's order: the first ones there are, or those after `after`. What else was known of this
   * part is forgotten: it may stand anywhere among them.
   */
  teach(told: readonly string[], after: string | null): void;
}

/** Knows nothing yet; `onPlaced` is called for every text that gets its place without being told, `certain` or by a guess. */
export function createTextOrder<Below>(guess: TextGuess, onPlaced: (certain: boolean) => void): TextOrder<Below> {
  /** In order. */
  let texts: string[] = [];
  let places = new Map<string, Place<Below>>();

  const placeAt = (at: number): Place<Below> | undefined => places.get(texts[at] ?? '');
  const append = (text: string, place: Place<Below>): void => {
    const last = placeAt(texts.length - 1);
    if (place !== last) place.rank = (last?.rank ?? 0) + 1;
    texts.push(text);
    places.set(text, place);
  };
  /** Puts a text last. If it was before others already, the server does not tell these from it. */
  const follow = (text: string): void => {
    const known = places.get(text);
    if (known === undefined) append(text, { rank: 0, below: undefined });
    else for (let at = texts.length - 1; placeAt(at) !== known; at -= 1) places.set(texts[at] ?? '', known);
  };
  const renumber = (): void => {
    const [before, known] = [texts, places];
    texts = [];
    places = new Map();
    for (const text of before) append(text, known.get(text) as Place<Below>); // every text has one
  };
  /** How many texts come before this one, which has no place. */
  const slotOf = (text: string): number => {
    let low = 0;
    for (let high = texts.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (guess.compare(texts[middle] ?? '', text) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const isCertain = (text: string, at: number): boolean => {
    const [left = null, right = null] = [texts[at - 1], texts[at]];
    return (left === null || guess.isCertain(left, text)) && (right === null || guess.isCertain(text, right));
  };
  const insert = (text: string): Place<Below> => {
    const at = slotOf(text);
    onPlaced(isCertain(text, at));
    const [left, right] = [at === 0 ? undefined : placeAt(at - 1), at === texts.length ? undefined : placeAt(at)];
    const place = left !== undefined && left === right ? left : { rank: between(left?.rank, right?.rank), below: undefined };
    texts.splice(at, 0, text);
    places.set(text, place);
    if (place !== left && (place.rank === left?.rank || place.rank === right?.rank)) renumber();
    return place;
  };

  return {
    isPlaced: (text) => places.has(text) || isCertain(text, slotOf(text)),
    placeOf: (text) => places.get(text) ?? insert(text),
    belowOf: (text) => places.get(text)?.below,
    teach(told, after) {
      const last = after === null ? undefined : (places.get(after) ?? insert(after));
      const [before, known, again] = [texts, places, new Set(told)];
      texts = [];
      places = new Map();
      for (const text of before) {
        const place = known.get(text) as Place<Below>; // every text has one
        if (last !== undefined && (place === last || (place.rank < last.rank && !again.has(text)))) append(text, place);
      }
      for (const text of told) follow(text);
    },
  };
}

function between(left: number | undefined, right: number | undefined): number {
  if (left === undefined) return right === undefined ? 0 : right - 1;
  return right === undefined ? left + 1 : (left + right) / 2;
}
