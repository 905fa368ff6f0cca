import { useOfflineQueue } from '@ruwad/realtime-react';
import { useLocale } from './context.ts';

/** How many writes wait and how many were refused, wherever one has scrolled to; refused ones lead to where they can be dealt with. */
export function QueueStatus() {
  const { t, format } = useLocale();
  const { isDurable, pendingActions, failedActions } = useOfflineQueue();
  return (
    // Without numbers until the queue was read: it may hold what an earlier page left.
    <span className="queue-status" role="status" data-pending={isDurable === null ? undefined : pendingActions.length} data-failed={isDurable === null ? undefined : failedActions.length}>
      {pendingActions.length > 0 && (
        <span className="badge passing" data-tone="waiting">
          {t.outbox.waiting(format.number(pendingActions.length))}
        </span>
      )}
      {failedActions.length > 0 && (
        <a className="badge" data-tone="failed" href="#outbox">
          {t.outbox.failed(format.number(failedActions.length))}
        </a>
      )}
    </span>
  );
}
