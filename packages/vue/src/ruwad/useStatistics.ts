import { createStatistics, type StatisticsActions, type StatisticsState } from '@ruwad/realtime-core/ruwad';
import { useFeature, type FeatureRefs } from '../useFeature.ts';

/** Counts of the last 24 hours by event type and by hour, with alerts, for administrators. */
export function useStatistics(): FeatureRefs<StatisticsState, StatisticsActions> {
  return useFeature(createStatistics, undefined);
}
