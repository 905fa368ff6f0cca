import { createStore, type Store } from '@ruwad/realtime-core';
import { ar, type Messages } from './ar.ts';
import { en } from './en.ts';
import { formatsOf, LANGUAGES, type Formats, type Language } from './format.ts';

/** Everything a component needs to speak one language. */
export interface Locale {
  readonly language: Language;
  readonly direction: 'rtl' | 'ltr';
  readonly t: Messages;
  readonly format: Formats;
}

export interface LanguageSwitch {
  readonly store: Store<Locale>;
  /** Switches to the other language and remembers it. */
  readonly toggle: () => void;
}

const STORAGE_KEY = 'ruwad-language';

const LOCALES: Record<Language, Locale> = {
  ar: { language: 'ar', direction: 'rtl', t: ar, format: formatsOf('ar') },
  en: { language: 'en', direction: 'ltr', t: en, format: formatsOf('en') },
};

/** Makes the language of the page: the one chosen last in this browser, else Arabic. Keeps `lang` and `dir` of the document in step. */
export function createLanguageSwitch(storage: Storage = localStorage, document: Document = window.document): LanguageSwitch {
  const remembered = LANGUAGES.find((language) => language === storage.getItem(STORAGE_KEY));
  const store = createStore(LOCALES[remembered ?? 'ar']);

  const apply = ({ language, direction, t }: Locale) => {
    document.documentElement.lang = language;
    document.documentElement.dir = direction;
    document.title = `${t.brand.name} · ${t.brand.product}`;
  };
  apply(store.get());

  return {
    store,
    toggle() {
      const next = LOCALES[store.get().language === 'ar' ? 'en' : 'ar'];
      storage.setItem(STORAGE_KEY, next.language);
      apply(next);
      store.set(next);
    },
  };
}
