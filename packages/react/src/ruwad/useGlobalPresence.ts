import { createGlobalPresence, type GlobalPresenceActions, type GlobalPresenceFeatureState } from '@ruwad/realtime-core/ruwad';
import { useFeature } from '../useFeature.ts';

/** Who is on the platform, by role and by page; being mounted makes oneself present. */
export function useGlobalPresence(): GlobalPresenceFeatureState & GlobalPresenceActions {
  return useFeature(createGlobalPresence, undefined);
}
