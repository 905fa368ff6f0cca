import { createOpportunityPresence, type OpportunityPresenceActions, type OpportunityPresenceFeatureState } from '@ruwad/realtime-core/ruwad';
import { toValue, type MaybeRefOrGetter } from 'vue';
import { dependingOn } from '../dependingOn.ts';
import { useFeature, type FeatureRefs } from '../useFeature.ts';

/**
 * Who is in one opportunity's room, where, and what they edit; being mounted makes oneself present.
 * `isUserOnline` and `isFieldBeingEdited` are reactive where templates and computed values call them.
 */
export function useOpportunityPresence(
  opportunityId: MaybeRefOrGetter<string>,
): FeatureRefs<OpportunityPresenceFeatureState, OpportunityPresenceActions> {
  const presence = useFeature(createOpportunityPresence, () => ({ opportunityId: toValue(opportunityId) }));
  return {
    ...presence,
    isUserOnline: (userId) => dependingOn(presence.onlineUsers, () => presence.isUserOnline(userId)),
    isFieldBeingEdited: (fieldName) => dependingOn(presence.editedFields, () => presence.isFieldBeingEdited(fieldName)),
  };
}
