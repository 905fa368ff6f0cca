import { createDashboardMetrics, type DashboardMetricsActions, type DashboardMetricsState } from '@ruwad/realtime-core/ruwad';
import { useFeature, type FeatureRefs } from '../useFeature.ts';

/** The numbers of the administrators' dashboard, read again at most once a second while they change. */
export function useDashboardMetrics(): FeatureRefs<DashboardMetricsState, DashboardMetricsActions> {
  return useFeature(createDashboardMetrics, undefined);
}
