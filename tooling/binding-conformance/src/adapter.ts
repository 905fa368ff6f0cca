import type { Channel, ChannelHandlers, ChannelStatus, ConnectionHealth, LiveQuery, LiveRowsOptions, LiveState, ParamsOf, RealtimeClient, RowOf } from '@ruwad/realtime-core';
import type {
  BookmarksActions,
  BookmarksState,
  challengeDiscussions,
  ChallengeDiscussionActions,
  ChallengeDiscussionState,
  DashboardMetricsActions,
  DashboardMetricsState,
  GlobalPresenceActions,
  GlobalPresenceFeatureState,
  IdeaNotificationsState,
  OfflineQueueActions,
  OfflineQueueState,
  OpportunityPresenceActions,
  OpportunityPresenceFeatureState,
  RealTimeChallengesActions,
  RealTimeChallengesState,
  RealTimeEventsState,
  StatisticsActions,
  StatisticsState,
} from '@ruwad/realtime-core/ruwad';
import type { Timeline } from './timeline.ts';

/** The features' hooks: React's as they are, Vue's with their refs read. */
interface FeatureHooks {
  useRealTimeChallenges: () => RealTimeChallengesState & RealTimeChallengesActions;
  useChallengeDiscussion: (challengeId: string) => ChallengeDiscussionState & ChallengeDiscussionActions;
  useDashboardMetrics: () => DashboardMetricsState & DashboardMetricsActions;
  useRealTimeEvents: () => RealTimeEventsState;
  useIdeaNotifications: () => IdeaNotificationsState;
  useOpportunityPresence: (opportunityId: string) => OpportunityPresenceFeatureState & OpportunityPresenceActions;
  useStatistics: () => StatisticsState & StatisticsActions;
  useGlobalPresence: () => GlobalPresenceFeatureState & GlobalPresenceActions;
  useBookmarks: () => BookmarksState & BookmarksActions;
  useOfflineQueue: () => OfflineQueueState & OfflineQueueActions;
}

type Discussions = typeof challengeDiscussions;

/** All hooks under test. */
export interface Hooks extends FeatureHooks {
  useChannel: (
    definition: Discussions,
    params: ParamsOf<Discussions>,
    handlers: ChannelHandlers<Discussions>,
  ) => { status: ChannelStatus; isConnected: boolean; send: Channel<Discussions>['send'] };
  useLiveQuery: (
    definition: Discussions,
    params: ParamsOf<Discussions>,
    query: LiveRowsOptions<Discussions, 'challenge_comments'>,
  ) => LiveState<RowOf<Discussions, 'challenge_comments'>> & Pick<LiveQuery<unknown>, 'refresh' | 'loadMore'>;
  useConnectionHealth: () => ConnectionHealth & { reconnect: () => void };
}

export type FeatureHookName = keyof FeatureHooks;
export type HookName = keyof Hooks;
export type ArgsOf<N extends HookName> = Parameters<Hooks[N]>;
export type ResultOf<N extends HookName> = ReturnType<Hooks[N]>;

/** A mounted component that uses one hook. */
export interface Mounted<N extends HookName> {
  /** What the hook returned at each committed render, oldest first. */
  readonly results: Timeline<ResultOf<N>>;
  /** What it returned last. */
  readonly current: () => ResultOf<N>;
  /** Renders with other arguments; with the same ones, renders again. */
  readonly rerender: (...args: ArgsOf<N>) => Promise<void>;
  readonly unmount: () => void;
}

/** How the suite renders one binding on a server. */
export interface ServerAdapter {
  /** Name of the framework, for the names of the tests. */
  readonly name: string;
  /** Renders `<p>{status}</p>` of a component under the client. */
  readonly renderToString: <N extends FeatureHookName>(realtime: RealtimeClient, name: N, ...args: ArgsOf<N>) => Promise<string>;
}

/** How the suite drives one binding in a page. */
export interface BindingAdapter {
  /** Name of the framework, for the names of the tests. */
  readonly name: string;
  /** Mounts one component under the client, in the strictest mode the framework has. */
  readonly mount: <N extends HookName>(realtime: RealtimeClient, name: N, ...args: ArgsOf<N>) => Mounted<N>;
}
