import type { Language } from '../i18n/format.ts';
import { inLanguage } from '../i18n/inLanguage.ts';
import type { Person, Titled } from '../workspace/reference.ts';

/** An option of a select. */
export interface Choice<T extends string> {
  value: T;
  label: string;
}

/** Options for rows that have titles. */
export function titleChoices(rows: readonly Titled[], language: Language): Choice<string>[] {
  return rows.map(({ id, title_ar, title_en }) => ({ value: id, label: inLanguage(language, title_ar, title_en) }));
}

/** Options for people. */
export function personChoices(people: readonly Person[], language: Language): Choice<string>[] {
  return people.map(({ id, name, name_ar }) => ({ value: id, label: inLanguage(language, name_ar, name) }));
}

/** Options for the codes of a text table, in its order. */
export function codeChoices<T extends string>(texts: Readonly<Record<T, string>>): Choice<T>[] {
  // The keys of a text table are exactly its codes.
  return (Object.keys(texts) as T[]).map((value) => ({ value, label: texts[value] }));
}
