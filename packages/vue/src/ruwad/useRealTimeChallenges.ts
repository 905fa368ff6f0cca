import { createRealTimeChallenges, type RealTimeChallengesActions, type RealTimeChallengesState } from '@ruwad/realtime-core/ruwad';
import { useFeature, type FeatureRefs } from '../useFeature.ts';

/** The signed-in person's challenge notifications, newest first, with how many are unread and the actions to read and clear them. */
export function useRealTimeChallenges(): FeatureRefs<RealTimeChallengesState, RealTimeChallengesActions> {
  return useFeature(createRealTimeChallenges, undefined);
}
