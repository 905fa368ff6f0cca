import { createChallengeDiscussion, type ChallengeDiscussionActions, type ChallengeDiscussionState } from '@ruwad/realtime-core/ruwad';
import { useFeature } from '../useFeature.ts';

/** The comments of one challenge, oldest first, who takes part and who is typing, with the actions to write. */
export function useChallengeDiscussion(challengeId: string): ChallengeDiscussionState & ChallengeDiscussionActions {
  return useFeature(createChallengeDiscussion, { challengeId });
}
