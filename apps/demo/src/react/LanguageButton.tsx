import { useApp, useLocale } from './context.ts';

/** Switches to the other language; written in that language, for those who cannot read this one. */
export function LanguageButton() {
  const { language } = useApp();
  const { t, language: current } = useLocale();
  return (
    <button type="button" className="button" lang={current === 'ar' ? 'en' : 'ar'} onClick={language.toggle}>
      {t.brand.switchTo}
    </button>
  );
}
