import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import { createStore } from '../../store/store.ts';
import type { DashboardMetrics } from '../rows/dashboardMetrics.ts';
import { idleFeature, type FeatureState } from './featureState.ts';

/** State of {@link createDashboardMetrics}. */
export interface DashboardMetricsState extends FeatureState {
  /** The numbers of the view; null before the first read. */
  readonly metrics: DashboardMetrics | null;
  /** When they were last read, in ms since 1970; null before the first read. */
  readonly lastUpdate: number | null;
}
/** Actions of {@link createDashboardMetrics}. */
export interface DashboardMetricsActions {
  /** Reads the numbers now. Rejects with a `RealtimeError`. */
  refresh(): Promise<void>;
}
export type DashboardMetricsFeature = Feature<DashboardMetricsState, DashboardMetricsActions>;

export function createDashboardMetrics(_realtime: RealtimeClient): DashboardMetricsFeature {
  return {
    store: createStore<DashboardMetricsState>({ ...idleFeature, metrics: null, lastUpdate: null }),
    actions: { refresh: () => Promise.resolve() },
  };
}
