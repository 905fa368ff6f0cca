import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import { createStore } from '../../store/store.ts';
import { idleFeature, type FeatureState } from './featureState.ts';

/** Someone on the platform: one entry however many tabs. Names and roles are what they say of themselves. */
export interface OnlineUser {
  readonly userId: string;
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly role: string;
  readonly page: string;
  readonly connections: number;
}
/** Someone came or went while we listened. */
export interface PresenceActivity {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly action: 'joined' | 'left';
  /** When we saw it, in ISO 8601. */
  readonly timestamp: string;
}
/** State of {@link createGlobalPresence}. */
export interface GlobalPresenceFeatureState extends FeatureState {
  readonly onlineUsers: readonly OnlineUser[];
  /** How many people (not tabs). */
  readonly totalOnline: number;
  /** How many people by role. */
  readonly byRole: Readonly<Record<string, number>>;
  /** How many people by page. */
  readonly byLocation: Readonly<Record<string, number>>;
  /** The latest 20, newest first. */
  readonly recentActivity: readonly PresenceActivity[];
}
/** Actions of {@link createGlobalPresence}. */
export interface GlobalPresenceActions {
  /** Says where one is; calls are merged to the server's limit. Rejects with a `RealtimeError`. */
  updateLocation(location: { page: string; section?: string }): Promise<void>;
}
export type GlobalPresenceFeature = Feature<GlobalPresenceFeatureState, GlobalPresenceActions>;

export function createGlobalPresence(_realtime: RealtimeClient): GlobalPresenceFeature {
  return {
    store: createStore<GlobalPresenceFeatureState>({ ...idleFeature, onlineUsers: [], totalOnline: 0, byRole: {}, byLocation: {}, recentActivity: [] }),
    actions: { updateLocation: () => Promise.resolve() },
  };
}
