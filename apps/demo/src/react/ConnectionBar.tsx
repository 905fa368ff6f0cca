import type { ConnectionStatus } from '@ruwad/realtime-core';
import { useConnectionHealth } from '@ruwad/realtime-react';
import { TONE_OF_CONNECTION } from '../view/tone.ts';
import { useLocale } from './context.ts';

/** The states in which trying again at once can help. */
const LOST: readonly ConnectionStatus[] = ['reconnecting', 'offline', 'closed'];

/** The one socket of the page: its state, its speed, and a way to try again at once. */
export function ConnectionBar() {
  const { t, format } = useLocale();
  const { connectionStatus, reconnect } = useConnectionHealth();
  const { status, latencyMs, reconnectAttempts, nextRetryAt } = connectionStatus;
  return (
    <section className="connection" aria-label={t.connection.label}>
      <span className="badge" role="status" data-tone={TONE_OF_CONNECTION[status]} data-connection={status}>
        <span className="dot" aria-hidden="true" />
        {t.connection.status[status]}
      </span>
      {latencyMs !== null && status === 'open' && <span className="number">{t.connection.latency(format.number(Math.round(latencyMs)))}</span>}
      {reconnectAttempts > 0 && <span className="number">{t.connection.attempts(reconnectAttempts)}</span>}
      {nextRetryAt !== null && <span className="number">{t.connection.nextRetry(format.time(nextRetryAt))}</span>}
      {LOST.includes(status) && (
        <button type="button" className="button quiet" onClick={reconnect}>
          {t.connection.reconnect}
        </button>
      )}
    </section>
  );
}
