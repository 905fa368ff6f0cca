import { compareUnits } from '../lib/compareUnits.ts';
import { compareInstants } from '../lib/instant.ts';
import { compareTexts } from './compare.ts';

/** The locale of the databases that Supabase makes. */
const USUAL_LOCALE = 'en-US';
/** So many neighbours of what the server told are looked at to choose a guess. */
const SAMPLE = 200;
/** A number at the end of a text, as codes and keys have it; labels of enums, which have any order, hardly have as many digits. */
const NUMBER = /\d{3,}$/;

/** How texts may be ordered, as long as the server did not tell. */
export interface TextGuess {
  compare(a: string, b: string): number;
  /**
   * Whether any collation puts one before the other: texts that are the same up to numbers of as many digits. Not where the
   * server ordered such texts otherwise.
   */
  isCertain(before: string, after: string): boolean;
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
  let isRefuted = false;

  return {
    compare: (a, b) => direction * chosen(a, b),
    isCertain: (before, after) => !isRefuted && areNumbered(before, after) && direction * compareUnits(before, after) < 0,
    heed(told) {
      const [first, ...rest] = told.slice(0, SAMPLE);
      let before = first;
      for (const text of rest) {
        for (const at of [0, 1] as const) if (direction * orders[at](before ?? '', text) > 0) wrong[at] += 1;
        isRefuted ||= areNumbered(before ?? '', text) && direction * compareUnits(before ?? '', text) > 0;
        before = text;
      }
      chosen = orders[wrong[1] < wrong[0] ? 1 : 0];
    },
  };
}

/** Whether two texts are the same up to a number at the end, and those have as many digits. */
function areNumbered(a: string, b: string): boolean {
  const from = a.search(NUMBER);
  return from >= 0 && a.length === b.length && b.search(NUMBER) === from && a.slice(0, from) === b.slice(0, from);
}
