import { createIdeaNotifications, type IdeaNotificationsState } from '@ruwad/realtime-core/ruwad';
import { useFeature, type FeatureRefs } from '../useFeature.ts';

/** The signed-in innovator's ideas, newest first, and what happened to them while mounted. */
export function useIdeaNotifications(): FeatureRefs<IdeaNotificationsState, object> {
  return useFeature(createIdeaNotifications, undefined);
}
