import { expect, it } from 'vitest';
import { untilLive } from '../expectations.ts';
import { challenges, people } from '../people.ts';
import type { Stage } from '../stage.ts';

/** `challenge-notifications`: a row in the database reaches its recipient, and what they read is read. */
export function testChallengeNotifications({ sql, open }: Stage): void {
  const notify = async (recipient: string, title: string) => {
    const [row] = await sql<{ id: string }>(
      `insert into challenge_notifications (challenge_id, recipient_id, notification_type, title, message)
       values ($1, $2, 'status_change', $3, 'Written with SQL') returning id`,
      [challenges.water, recipient, title],
    );
    return row?.id ?? '';
  };

  it('useRealTimeChallenges shows a new notification to its recipient alone, and marks it as read', async () => {
    const [sara, omar] = [await open('sara'), await open('omar')];
    const [hers, his] = [sara.mount('useRealTimeChallenges'), omar.mount('useRealTimeChallenges')];
    await Promise.all([untilLive(hers), untilLive(his)]);
    const unread = hers.current().unreadCount;

    const forSara = await notify(people.sara.id, 'تحديث على التحدي');
    const forOmar = await notify(people.omar.id, 'A challenge you follow');
    const shown = await hers.results.now(({ notifications }) => notifications.some(({ id }) => id === forSara), "sara's notification");
    expect(shown.notifications[0]).toMatchObject({ id: forSara, title: 'تحديث على التحدي', is_read: false });
    expect(shown.unreadCount).toBe(unread + 1);
    // His comes after hers, so once it is there hers would be, too.
    const his2 = await his.results.now(({ notifications }) => notifications.some(({ id }) => id === forOmar), "omar's notification");
    expect(his2.notifications.map(({ id }) => id)).not.toContain(forSara);

    await hers.current().markAsRead(forSara);
    await hers.results.now(({ unreadCount }) => unreadCount === unread, 'one unread notification less');
    expect(await sql('select is_read from challenge_notifications where id = $1', [forSara])).toEqual([{ is_read: true }]);
  });
}
