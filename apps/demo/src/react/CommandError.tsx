import { explain } from '../commands/explain.ts';
import { useLocale } from './context.ts';

/** Says that the last run of a command failed, and why. */
export function CommandError({ error }: { error: unknown }) {
  const { t } = useLocale();
  if (error === null) return null;
  return (
    <p className="notice" data-tone="failed" role="alert">
      {t.common.failed(explain(error, t))}
    </p>
  );
}
