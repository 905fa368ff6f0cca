import { useLocale } from './context.ts';

/** Beside what is shown before the server has it. */
export function WaitingMark() {
  const { t } = useLocale();
  return (
    <span className="tag" data-waiting>
      {t.outbox.pending}
    </span>
  );
}
