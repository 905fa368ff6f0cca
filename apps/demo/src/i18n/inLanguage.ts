import type { Language } from './format.ts';

/** A row's text in the reader's language, or in the other one when it is missing there. */
export function inLanguage(language: Language, arabic: string | null | undefined, english: string | null | undefined): string {
  return (language === 'ar' ? arabic || english : english || arabic) ?? '';
}

/** The text for a code that the database may extend: a code without a text is shown as it is. */
export function textOf(texts: Readonly<Record<string, string>>, code: string | null | undefined): string {
  return code ? (texts[code] ?? code) : '';
}
