import { createChallengeDiscussion, type ChallengeDiscussionActions, type ChallengeDiscussionState } from '@ruwad/realtime-core/ruwad';
import { toValue, type MaybeRefOrGetter } from 'vue';
import { useFeature, type FeatureRefs } from '../useFeature.ts';

/** The comments of one challenge, oldest first, who takes part and who is typing, with the actions to write. */
export function useChallengeDiscussion(challengeId: MaybeRefOrGetter<string>): FeatureRefs<ChallengeDiscussionState, ChallengeDiscussionActions> {
  return useFeature(createChallengeDiscussion, () => ({ challengeId: toValue(challengeId) }));
}
