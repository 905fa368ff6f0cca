import { createRealTimeEvents, type RealTimeEventsState } from '@ruwad/realtime-core/ruwad';
import { useFeature, type FeatureRefs } from '../useFeature.ts';

/** The platform's events, latest first, and what happened to them while mounted. */
export function useRealTimeEvents(): FeatureRefs<RealTimeEventsState, object> {
  return useFeature(createRealTimeEvents, undefined);
}
