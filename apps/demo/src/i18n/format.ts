/** The languages of the demo, the first one being the default. */
export const LANGUAGES = ['ar', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

// Gregorian dates and Latin digits, as Saudi government sites show them, so that figures read alike in both languages.
const LOCALE: Record<Language, string> = { ar: 'ar-SA-u-ca-gregory-nu-latn', en: 'en-GB' };

/** Numbers, times and names as one language writes them. */
export interface Formats {
  number(value: number): string;
  /** Time of day with seconds; with the date in front when it is another day than today. */
  time(iso: string | number): string;
  /** A calendar date without a time, such as `2026-11-22`. */
  date(isoDate: string): string;
  /** "Sara and Omar" */
  list(names: readonly string[]): string;
}

/**
 * Makes the formats of a language.
 * @param now - the wall clock that decides what "today" is, in milliseconds.
 */
export function formatsOf(language: Language, now: () => number = Date.now): Formats {
  const locale = LOCALE[language];
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  const dateTime = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' });
  // A date column has no zone; read as UTC and written as UTC it stays the day it is.
  const date = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  return {
    number: (value) => number.format(value),
    time(iso) {
      const at = new Date(iso);
      if (Number.isNaN(at.getTime())) return '';
      return (at.toDateString() === new Date(now()).toDateString() ? time : dateTime).format(at);
    },
    date(isoDate) {
      const at = new Date(`${isoDate}T00:00:00Z`);
      return Number.isNaN(at.getTime()) ? isoDate : date.format(at);
    },
    list: (names) => list.format(names),
  };
}
