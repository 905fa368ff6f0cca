import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import type { Receipt } from '../../outbox/types.ts';
import { markReadAction, markReadRows } from '../actions/notifications.ts';
import { challengeNotifications } from '../channels.ts';
import type { ChallengeNotification } from '../rows/challengeNotification.ts';
import { command, noUser, requireUser, write } from './command.ts';
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

/**
 * Actions of {@link createRealTimeChallenges}. They reject with a `RealtimeError`. When the client has an outbox they resolve
 * once the write is stored on this device, offline too; without one once it is done.
 */
export interface RealTimeChallengesActions {
  /** Marks one as read, in the database. */
  readonly markAsRead: (id: string) => Promise<void>;
  /** Marks all of the person's notifications as read, also older ones that are not shown. */
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
  const { user, supabase, logger, clock } = realtime;
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

  /** Marks these, and with `others` everything up to the newest one known. */
  const mark = async (ids: readonly string[], others: boolean): Promise<Receipt<unknown> | null> => {
    const { id: recipient_id } = requireUser(realtime, 'marking notifications');
    const newest = query?.store.get().rows.find(({ created_at }) => created_at !== null)?.created_at;
    const input = { recipient_id, ids: [...ids], up_to: others ? (newest ?? new Date(clock.now()).toISOString()) : null };
    return write(realtime, markReadAction, input, () => command('marking notifications as read', markReadRows(supabase, input)));
  };
  const unread = (): string[] => query?.store.get().rows.filter(({ is_read }) => is_read !== true).map(({ id }) => id) ?? [];
  /** Hides them at once, and shows them again when that fails. */
  const clear = async (ids: readonly string[], marking: () => Promise<Receipt<unknown> | null>): Promise<void> => {
    const hiding = ids.filter((id) => !hidden.has(id));
    const show = (): void => {
      for (const id of hiding) hidden.delete(id);
      store.update();
    };
    for (const id of hiding) hidden.add(id);
    store.update();
    try {
      const receipt = await marking();
      receipt?.confirmed.catch(show);
    } catch (error) {
      show();
      throw error;
    }
  };
  return {
    store,
    actions: {
      async markAsRead(id) {
        await mark([id], false);
      },
      async markAllAsRead() {
        await mark(unread(), true);
      },
      clearNotification: (id) => clear([id], () => mark([id], false)),
      clearAllNotifications: () => clear(query?.store.get().rows.map(({ id }) => id) ?? [], () => mark(unread(), true)),
    },
  };
}
