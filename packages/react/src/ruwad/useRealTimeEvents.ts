import { createRealTimeEvents, type RealTimeEventsState } from '@ruwad/realtime-core/ruwad';
import { useFeature } from '../useFeature.ts';

/** The platform's events, latest first, and what happened to them while mounted. */
export function useRealTimeEvents(): RealTimeEventsState {
  return useFeature(createRealTimeEvents, undefined);
}
