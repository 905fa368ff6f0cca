import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import { challengeNotifications } from '../channels.ts';
import type { ChallengeNotification } from '../rows/challengeNotification.ts';
import { command, noUser, requireUser } from './command.ts';
import { derivedStore } from './derivedStore.ts';
import { fromLive, idleFeature, type FeatureState } from './featureState.ts';

const TABLE = 'challenge_notifications';

/** State of {@link createRealTimeChallenges}. */
export interface RealTimeChallengesState extends FeatureState {
  /** The newest 50 notifications of the signed-in person, newest first, without those cleared here. */
  readonly notifications: readonly ChallengeNotification[];
  /** How many of them are unread. */
  readonly unreadCount: number;
}

/** Actions of {@link createRealTimeChallenges}. They reject with a `RealtimeError`. */
export interface RealTimeChallengesActions {
  /** Marks one as read, in the database. */
  readonly markAsRead: (id: string) => Promise<void>;
  /** Marks all of the person's notifications as read, also those not shown. */
  readonly markAllAsRead: () => Promise<void>;
  /** Marks one as read and hides it here; the database gives nobody the right to delete notifications. */
  readonly clearNotification: (id: string) => Promise<void>;
  /** The same for all of them. */
  readonly clearAllNotifications: () => Promise<void>;
}

/** What {@link createRealTimeChallenges} gives. */
export type RealTimeChallenges = Feature<RealTimeChallengesState, RealTimeChallengesActions>;

/** The signed-in person's notifications about challenges. Without one it stays idle, with the error `auth/no-user`. */
export function createRealTimeChallenges(realtime: RealtimeClient): RealTimeChallenges {
  const { user, supabase, logger } = realtime;
  const initial: RealTimeChallengesState = { ...idleFeature, error: user === null ? noUser('notifications') : null, notifications: [], unreadCount: 0 };
  const hidden = new Set<string>();

  const channel = user === null ? null : realtime.channel(challengeNotifications, { userId: user.id });
  const query = channel === null ? null : realtime.live({ channel, table: TABLE, orderBy: { column: 'created_at', ascending: false }, limit: 50 });
  const store = derivedStore({
    initial,
    logger,
    sources: channel === null || query === null ? [] : [channel.store, query.store],
    derive() {
      if (channel === null || query === null) return initial;
      const state = query.store.get();
      const notifications = hidden.size === 0 ? state.rows : state.rows.filter(({ id }) => !hidden.has(id));
      return { ...fromLive(state, channel.store.get()), notifications, unreadCount: notifications.filter(({ is_read }) => is_read !== true).length };
    },
  });

  const read = () => supabase.from(TABLE).update({ is_read: true });
  const markAsRead = async (id: string): Promise<void> => {
    const { id: userId } = requireUser(realtime, 'marking a notification');
    await command('marking a notification as read', read().eq('id', id).eq('recipient_id', userId));
  };
  const markAllAsRead = async (): Promise<void> => {
    const { id: userId } = requireUser(realtime, 'marking notifications');
    await command('marking notifications as read', read().eq('recipient_id', userId).not('is_read', 'is', true));
  };
  /** Hides them at once, and shows them again when `mark` fails. */
  const clear = async (ids: readonly string[], mark: () => Promise<void>): Promise<void> => {
    const hiding = ids.filter((id) => !hidden.has(id));
    for (const id of hiding) hidden.add(id);
    store.update();
    try {
      await mark();
    } catch (error) {
      for (const id of hiding) hidden.delete(id);
      store.update();
      throw error;
    }
  };
  return {
    store,
    actions: {
      markAsRead,
      markAllAsRead,
      clearNotification: (id) => clear([id], () => markAsRead(id)),
      clearAllNotifications: () => clear(query?.store.get().rows.map(({ id }) => id) ?? [], markAllAsRead),
    },
  };
}
