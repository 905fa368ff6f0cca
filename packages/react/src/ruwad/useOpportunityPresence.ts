import { createOpportunityPresence, type OpportunityPresenceActions, type OpportunityPresenceFeatureState } from '@ruwad/realtime-core/ruwad';
import { useFeature } from '../useFeature.ts';

/** Who is in one opportunity's room, where, and what they edit; being mounted makes oneself present. */
export function useOpportunityPresence(opportunityId: string): OpportunityPresenceFeatureState & OpportunityPresenceActions {
  return useFeature(createOpportunityPresence, { opportunityId });
}
