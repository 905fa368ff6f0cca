import { useLocale } from './context.ts';

/** The platform's mark and name. */
export function Brand() {
  const { t } = useLocale();
  return (
    <span className="brand">
      <svg width="28" height="28" viewBox="0 0 32 32" fill="none" stroke="currentColor" strokeWidth="3" strokeLinecap="round" aria-hidden="true">
        <circle cx="16" cy="23" r="3" fill="currentColor" stroke="none" />
        <path d="M9 18a10 10 0 0 1 14 0M4.500 12.500a16.500 16.500 0 0 1 23 0" />
      </svg>
      <span>
        {t.brand.name} <small>{t.brand.product}</small>
      </span>
    </span>
  );
}
