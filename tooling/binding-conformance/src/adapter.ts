import type { RealtimeClient } from '@ruwad/realtime-core';
import type {
  ChallengeDiscussionActions,
  ChallengeDiscussionState,
  DashboardMetricsActions,
  DashboardMetricsState,
  GlobalPresenceActions,
  GlobalPresenceFeatureState,
  IdeaNotificationsState,
  OpportunityPresenceActions,
  OpportunityPresenceFeatureState,
  RealTimeChallengesActions,
  RealTimeChallengesState,
  RealTimeEventsState,
  StatisticsActions,
  StatisticsState,
} from '@ruwad/realtime-core/ruwad';
import type { Timeline } from './timeline.ts';

/** The hooks under test: React's as they are, Vue's with their refs read. */
export interface Hooks {
  useRealTimeChallenges: () => RealTimeChallengesState & RealTimeChallengesActions;
  useChallengeDiscussion: (challengeId: string) => ChallengeDiscussionState & ChallengeDiscussionActions;
  useDashboardMetrics: () => DashboardMetricsState & DashboardMetricsActions;
  useRealTimeEvents: () => RealTimeEventsState;
  useIdeaNotifications: () => IdeaNotificationsState;
  useOpportunityPresence: (opportunityId: string) => OpportunityPresenceFeatureState & OpportunityPresenceActions;
  useStatistics: () => StatisticsState & StatisticsActions;
  useGlobalPresence: () => GlobalPresenceFeatureState & GlobalPresenceActions;
}

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

/** How the suite drives one binding. */
export interface BindingAdapter {
  /** Name of the framework, for the names of the tests. */
  readonly name: string;
  /** Mounts one component under the client, in the strictest mode the framework has. */
  readonly mount: <N extends HookName>(realtime: RealtimeClient, name: N, ...args: ArgsOf<N>) => Mounted<N>;
  /** Renders `<p>{status}</p>` of a component under the client, as a server does. */
  readonly renderToString: <N extends HookName>(realtime: RealtimeClient, name: N, ...args: ArgsOf<N>) => Promise<string>;
}
