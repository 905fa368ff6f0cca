import { compareInstants } from '../lib/instant.ts';
import { compareTexts, compareUnits } from './compare.ts';

/** The locale of the databases that Supabase makes. */
const USUAL_LOCALE = 'en-US';
/** So many neighbours of what the server told are looked at to choose a guess. */
const SAMPLE = 200;

/** How texts may be ordered, as long as the server did not tell. */
export interface TextGuess {
  compare(a: string, b: string): number;
  /** Chooses anew by texts that the server ordered. */
  heed(told: readonly string[]): void;
}

/** Guesses the order of Supabase's databases until what the server told looks more like the collation C. */
export function createTextGuess(ascending: boolean): TextGuess {
  const { compare: collate } = new Intl.Collator(USUAL_LOCALE);
  const orders = [(a: string, b: string): number => (compareInstants(a, b) ?? collate(a, b)) || compareUnits(a, b), (a: string, b: string): number => compareTexts(a, b) || compareUnits(a, b)] as const;
  const direction = ascending ? 1 : -1;
  const wrong = [0, 0] as [number, number];
  let [chosen] = orders;

  return {
    compare: (a, b) => direction * chosen(a, b),
    heed(told) {
      const [first, ...rest] = told.slice(0, SAMPLE);
      let before = first;
      for (const text of rest) {
        for (const at of [0, 1] as const) if (direction * orders[at](before ?? '', text) > 0) wrong[at] += 1;
        before = text;
      }
      chosen = orders[wrong[1] < wrong[0] ? 1 : 0];
    },
  };
}

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
  knows(text: string): boolean;
  placeOf(text: string): Place<Below>;
  /**
   * Learns texts in the server's order: the first ones there are, or those after `after`. What else was known of this
   * part is forgotten: it may stand anywhere among them.
   */
  teach(told: readonly string[], after: string | null): void;
}

/** Knows nothing yet; `onGuess` is called for every text that gets its place by `guess`. */
export function createTextOrder<Below>(guess: TextGuess, onGuess: () => void): TextOrder<Below> {
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
  const guessed = (text: string): Place<Below> => {
    onGuess();
    let low = 0;
    for (let high = texts.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (guess.compare(texts[middle] ?? '', text) < 0) low = middle + 1;
      else high = middle;
    }
    const [left, right] = [low === 0 ? undefined : placeAt(low - 1), low === texts.length ? undefined : placeAt(low)];
    const place = left !== undefined && left === right ? left : { rank: between(left?.rank, right?.rank), below: undefined };
    texts.splice(low, 0, text);
    places.set(text, place);
    if (place !== left && (place.rank === left?.rank || place.rank === right?.rank)) renumber();
    return place;
  };

  return {
    knows: (text) => places.has(text),
    placeOf: (text) => places.get(text) ?? guessed(text),
    teach(told, after) {
      const last = after === null ? undefined : (places.get(after) ?? guessed(after));
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
