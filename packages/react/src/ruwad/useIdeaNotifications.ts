import { createIdeaNotifications, type IdeaNotificationsState } from '@ruwad/realtime-core/ruwad';
import { useFeature } from '../useFeature.ts';

/** The signed-in innovator's ideas, newest first, and what happened to them while mounted. */
export function useIdeaNotifications(): IdeaNotificationsState {
  return useFeature(createIdeaNotifications, undefined);
}
