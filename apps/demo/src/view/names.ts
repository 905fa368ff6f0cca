import type { Language } from '../i18n/format.ts';
import { inLanguage } from '../i18n/inLanguage.ts';
import type { Person } from '../workspace/reference.ts';

/** A person's name in the reader's language; `claimed`, what they say of themselves, when there is no profile. */
export function nameOf(people: readonly Person[], userId: string | null, language: Language, claimed = ''): string {
  const person = people.find(({ id }) => id === userId);
  return person ? inLanguage(language, person.name_ar, person.name) : claimed;
}

/** The letter shown where there is no picture. */
export function initialOf(name: string): string {
  return Array.from(name.trim())[0] ?? '؟';
}
