import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import type { PresenceMap } from '../../channel/types.ts';
import { globalPresence } from '../channels.ts';
import type { GlobalPresenceState as SharedState } from '../rows/presence.ts';
import { noUser } from './command.ts';
import { derivedStore } from './derivedStore.ts';
import { fromChannel, idleFeature, type FeatureState } from './featureState.ts';

const MAX_ACTIVITY = 20;

/** Someone on the platform: one entry however many tabs. Names and roles are what they say of themselves. */
export interface OnlineUser {
  readonly userId: string;
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly role: string;
  /** Where they are, by the tab they opened last. */
  readonly page: string;
  /** How many tabs and devices they are here with. */
  readonly connections: number;
}

/** Someone came or went while we listened. */
export interface PresenceActivity {
  /** Unique in the list. */
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
  /** How many people by the role they show. */
  readonly byRole: Readonly<Record<string, number>>;
  /** How many people by page. */
  readonly byLocation: Readonly<Record<string, number>>;
  /** The latest 20, newest first. */
  readonly recentActivity: readonly PresenceActivity[];
}

/** Actions of {@link createGlobalPresence}. */
export interface GlobalPresenceActions {
  /** Says where one is; calls are merged to the server's limit. Rejects with a `RealtimeError`. */
  readonly updateLocation: (location: { page: string; section?: string }) => Promise<void>;
}

/** What {@link createGlobalPresence} gives. */
export type GlobalPresenceFeature = Feature<GlobalPresenceFeatureState, GlobalPresenceActions>;

/** Who is on the platform: being subscribed is being online. Without a signed-in person one looks on unseen. */
export function createGlobalPresence(realtime: RealtimeClient): GlobalPresenceFeature {
  const { user, logger, clock } = realtime;
  const channel = realtime.channel(globalPresence);
  let users: readonly OnlineUser[] = [];
  /** People by id as last seen; null before the first look, whose people did not just come. */
  let seen: ReadonlyMap<string, OnlineUser> | null = null;
  let recentActivity: readonly PresenceActivity[] = [];
  let activityCount = 0;
  let location: SharedState['location_context'] = { page: '/' };
  let onlineAt: string | null = null;
  let active = false;

  const log = (person: OnlineUser, action: PresenceActivity['action']): void => {
    const entry = { id: String((activityCount += 1)), userId: person.userId, name: person.name, action, timestamp: new Date(clock.now()).toISOString() };
    recentActivity = [entry, ...recentActivity.slice(0, MAX_ACTIVITY - 1)];
  };
  const onPresence = (presence: PresenceMap<SharedState>): void => {
    users = onlineUsers(presence);
    // Before it is live, what is there is empty or old.
    if (channel.store.get().status === 'live' && (seen !== null || users.length > 0)) {
      const now = new Map(users.map((person) => [person.userId, person]));
      if (seen !== null) {
        for (const person of users) if (!seen.has(person.userId)) log(person, 'joined');
        for (const person of seen.values()) if (!now.has(person.userId)) log(person, 'left');
      }
      seen = now;
    }
    store.update();
  };
  const share = async (): Promise<void> => {
    if (user === null) throw noUser('presence');
    onlineAt ??= new Date(clock.now()).toISOString();
    if (!active) return;
    await channel.track({
      user_id: user.id,
      display_name: user.name ?? '',
      avatar_url: user.avatarUrl ?? null,
      role: user.role ?? 'viewer',
      status: 'online',
      online_at: onlineAt,
      location_context: location,
    });
  };

  const store = derivedStore<GlobalPresenceFeatureState>({
    initial: { ...idleFeature, onlineUsers: [], totalOnline: 0, byRole: {}, byLocation: {}, recentActivity: [] },
    logger,
    sources: [channel.store],
    start() {
      const presence = channel.presence$.subscribe(onPresence);
      active = true;
      if (user !== null) share().catch((error: unknown) => { logger.debug('presence was not shared', { reason: String(error) }); });
      return () => {
        active = false;
        seen = null;
        presence.unsubscribe();
      };
    },
    derive: () => ({
      ...fromChannel(channel.store.get()),
      onlineUsers: users,
      totalOnline: users.length,
      byRole: countBy(users, ({ role }) => role),
      byLocation: countBy(users, ({ page }) => page),
      recentActivity,
    }),
  });
  return {
    store,
    actions: {
      updateLocation(next) {
        location = next;
        return share();
      },
    },
  };
}

/** One entry a person. Of several connections the one that came last speaks. */
export function onlineUsers(presence: PresenceMap<SharedState>): readonly OnlineUser[] {
  return [...presence].flatMap(([userId, entries]) => {
    const latest = entries.map(({ state }) => state).reduce<SharedState | null>((last, state) => (last === null || state.online_at >= last.online_at ? state : last), null);
    if (latest === null) return [];
    const { display_name: name, avatar_url: avatarUrl, role, location_context: where } = latest;
    return [{ userId, name, avatarUrl: avatarUrl ?? null, role, page: where.page, connections: entries.length }];
  });
}

function countBy<T>(items: readonly T[], group: (item: T) => string): Record<string, number> {
  const counts = Object.create(null) as Record<string, number>; // a group may be called like a member of Object
  for (const item of items) counts[group(item)] = (counts[group(item)] ?? 0) + 1;
  return counts;
}
