import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import { createStore } from '../../store/store.ts';
import { idleFeature, type FeatureState } from './featureState.ts';

/** Something that an administrator should look at. Localise by `type` and `value`. */
export interface StatAlert {
  /** Id of the event it comes from. */
  readonly id: string;
  readonly type: 'error_spike' | 'performance';
  readonly severity: 'high' | 'medium';
  /** Number of errors, or load time in ms. */
  readonly value: number;
  /** When, in ISO 8601. */
  readonly timestamp: string;
}
/** State of {@link createStatistics}. */
export interface StatisticsState extends FeatureState {
  /** Events of the last 24 hours by event type. */
  readonly counters: Readonly<Record<string, number>>;
  /** Events of all types in each of the last 24 hours, oldest first; the last entry is the running hour. */
  readonly hourly: readonly number[];
  /** The latest 50, newest first; always empty for people who may not see single events. */
  readonly alerts: readonly StatAlert[];
}
/** Actions of {@link createStatistics}. */
export interface StatisticsActions {
  /** Takes one alert off the list, here only. */
  clearAlert(id: string): void;
}
export type Statistics = Feature<StatisticsState, StatisticsActions>;

export function createStatistics(_realtime: RealtimeClient): Statistics {
  return {
    store: createStore<StatisticsState>({ ...idleFeature, counters: {}, hourly: new Array<number>(24).fill(0), alerts: [] }),
    actions: { clearAlert: () => undefined },
  };
}
