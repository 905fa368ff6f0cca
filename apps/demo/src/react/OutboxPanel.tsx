import { useOfflineQueue } from '@ruwad/realtime-react';
import { textOf } from '../i18n/inLanguage.ts';
import { useLocale } from './context.ts';

/** What waits to be sent, and what the server refused, with its reason. Nothing while all is sent. */
export function OutboxPanel() {
  const { t, format } = useLocale();
  const { isOnline, isDurable, pendingActions, failedActions, retry, discard } = useOfflineQueue();
  if (isOnline && pendingActions.length === 0 && failedActions.length === 0) return null;
  return (
    <section className="outbox" aria-label={t.outbox.label} data-online={isOnline} data-pending={pendingActions.length}>
      <p role="status">
        {!isOnline && <strong>{t.outbox.offline} </strong>}
        {pendingActions.length > 0 && t.outbox.waiting(format.number(pendingActions.length))}
        {pendingActions.length > 0 && isDurable === false && <strong> {t.outbox.notDurable}</strong>}
      </p>
      {failedActions.length > 0 && (
        <>
          <strong>{t.outbox.failed(format.number(failedActions.length))}</strong>
          <ul>
            {failedActions.map(({ id, name, failure }) => (
              <li key={id} className="item">
                <strong>{textOf(t.outbox.actions, name)}</strong>
                <p dir="auto">{failure?.message}</p>
                <div className="item-foot">
                  <button type="button" className="button quiet" onClick={() => void retry(id)}>
                    {t.outbox.retry}
                  </button>
                  <button type="button" className="button quiet" onClick={() => void discard(id)}>
                    {t.outbox.discard}
                  </button>
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
