import type { OutboxEntry } from '@ruwad/realtime-core';
import { useOfflineQueue, useRealTimeEvents } from '@ruwad/realtime-react';
import { useCallback, useState } from 'react';
import { inLanguage, textOf } from '../i18n/inLanguage.ts';
import { textIn, waitingIds, withText } from '../view/queued.ts';
import { CommandError } from './CommandError.tsx';
import { useLocale } from './context.ts';
import { EditText } from './EditText.tsx';
import { Time } from './Time.tsx';
import { useCommand } from './useCommand.ts';

/** One action of the queue: what it writes, why the server refused it if it did, and what can be done about it. */
export function QueuedAction({ action }: { action: OutboxEntry }) {
  const { t } = useLocale();
  const { retry, discard } = useOfflineQueue();
  const [editing, setEditing] = useState(false);
  const again = useCommand(retry);
  const forget = useCommand(discard);
  const send = useCallback((changed: string) => retry(action.id, withText(action, changed)), [retry, action]);
  const { id, name, enqueuedAt, failure } = action;
  const text = textIn(action);
  return (
    <li className="item" data-action={name}>
      <strong>{textOf(t.outbox.actions, name)}</strong>
      <Time at={enqueuedAt} />
      <Subject action={action} />
      {failure && (
        <p className="notice" data-tone="failed">
          {t.outbox.refused} <bdi>{failure.message}</bdi> {failure.serverCode && <code dir="ltr">{failure.serverCode}</code>}
        </p>
      )}
      {editing && text !== null ? (
        <EditText text={text} save={t.outbox.sendEdited} onSave={send} onClose={() => setEditing(false)} />
      ) : (
        <div className="item-foot start">
          {failure && (
            <button type="button" className="button quiet" disabled={again.pending} onClick={() => void again.run(id)}>
              {t.outbox.retry}
            </button>
          )}
          {failure && text !== null && (
            <button type="button" className="button quiet" onClick={() => setEditing(true)}>
              {t.common.edit}
            </button>
          )}
          <button type="button" className="button quiet" disabled={forget.pending} onClick={() => void forget.run(id)}>
            {t.outbox.discard}
          </button>
        </div>
      )}
      <CommandError error={again.error ?? forget.error} />
    </li>
  );
}

/** What the action is about: the text that was written, or the events that are bookmarked. */
function Subject({ action }: { action: OutboxEntry }) {
  const { language } = useLocale();
  const { events } = useRealTimeEvents();
  const ids = waitingIds([action]);
  const subject = textIn(action) ?? events.filter(({ id }) => ids.has(id)).map(({ title_ar, title_en }) => inLanguage(language, title_ar, title_en)).join(' · ');
  return subject === '' ? null : (
    <p>
      <bdi>{subject}</bdi>
    </p>
  );
}
