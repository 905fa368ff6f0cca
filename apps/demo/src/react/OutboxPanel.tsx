import { useOfflineQueue } from '@ruwad/realtime-react';
import { reasonOf } from '../view/reason.ts';
import { useLocale } from './context.ts';
import { QueuedAction } from './QueuedAction.tsx';

/** The queue, while it needs somebody's eye: what cannot be sent now, and what the server refused. What passes by is told by {@link QueueStatus}. */
export function OutboxPanel() {
  const { t, format } = useLocale();
  const { isOnline, pendingActions, failedActions, ...queue } = useOfflineQueue();
  // That nothing can be kept is no news while there is nothing to keep.
  const warning = queue.warning?.code === 'outbox/not-durable' && pendingActions.length === 0 ? null : queue.warning;
  const stuck = pendingActions.some(({ attempts }) => attempts > 1);
  if (isOnline && !stuck && failedActions.length === 0 && warning === null) return null;
  return (
    <section className="outbox" id="outbox" aria-label={t.outbox.label} data-online={isOnline}>
      {warning && (
        <p className="notice" data-tone="failed">
          {reasonOf(warning, t)} <code dir="ltr">{warning.code}</code>
        </p>
      )}
      {failedActions.length > 0 && (
        <>
          <h2>{t.outbox.failed(format.number(failedActions.length))}</h2>
          <ul className="list" data-list="failed">
            {failedActions.map((action) => (
              <QueuedAction key={action.id} action={action} />
            ))}
          </ul>
        </>
      )}
      {!isOnline && (
        <p className="notice" data-tone="waiting">
          {t.outbox.offline}
        </p>
      )}
      {pendingActions.length > 0 && (
        <details>
          <summary>{t.outbox.waiting(format.number(pendingActions.length))}</summary>
          <ul className="list" data-list="waiting">
            {pendingActions.map((action) => (
              <QueuedAction key={action.id} action={action} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
