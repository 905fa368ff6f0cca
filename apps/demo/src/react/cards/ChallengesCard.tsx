import { challengeNotifications, type ChallengeNotification } from '@ruwad/realtime-core/ruwad';
import { useOfflineQueue, useRealTimeChallenges } from '@ruwad/realtime-react';
import { textOf } from '../../i18n/inLanguage.ts';
import { waitingIds } from '../../view/queued.ts';
import { Card } from '../Card.tsx';
import { CommandError } from '../CommandError.tsx';
import { useLocale, useWorkspace } from '../context.ts';
import { Empty } from '../Empty.tsx';
import { Time } from '../Time.tsx';
import { useCommand } from '../useCommand.ts';
import { WaitingMark } from '../WaitingMark.tsx';

/** Channel 1: what the person was told about challenges. */
export function ChallengesCard() {
  const { t } = useLocale();
  const { me } = useWorkspace();
  const challenges = useRealTimeChallenges();
  const markAll = useCommand(challenges.markAllAsRead);
  const waiting = waitingIds(useOfflineQueue().pendingActions);
  return (
    <Card
      id="challenge-notifications"
      topic={challengeNotifications.topic({ userId: me.id })}
      state={challenges}
      control={
        <>
          <h4>{t.challenges.unread(challenges.unreadCount)}</h4>
          <button type="button" className="button" disabled={challenges.unreadCount === 0 || markAll.pending} onClick={() => void markAll.run()}>
            {t.challenges.markAllRead}
          </button>
          <CommandError error={markAll.error} />
        </>
      }
    >
      {challenges.notifications.length === 0 && <Empty state={challenges} />}
      <ul className="list" tabIndex={0}>
        {challenges.notifications.map((notification) => (
          <Notification key={notification.id} notification={notification} waits={waiting.has(notification.id)} onRead={challenges.markAsRead} />
        ))}
      </ul>
    </Card>
  );
}

function Notification({ notification, waits, onRead }: { notification: ChallengeNotification; waits: boolean; onRead: (id: string) => Promise<void> }) {
  const { t } = useLocale();
  const read = useCommand(onRead);
  return (
    <li className={notification.is_read ? 'item' : 'item unread'}>
      <strong><bdi>{notification.title}</bdi></strong>
      <Time at={notification.created_at} />
      <p><bdi>{notification.message}</bdi></p>
      <div className="item-foot">
        <span className="tag">{textOf(t.challenges.types, notification.notification_type)}</span>
        {waits && <WaitingMark />}
        {!notification.is_read && (
          <button type="button" className="button quiet" disabled={read.pending} onClick={() => void read.run(notification.id)}>
            {t.challenges.markRead}
          </button>
        )}
      </div>
      <CommandError error={read.error} />
    </li>
  );
}
