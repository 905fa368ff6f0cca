import type { PresenceEntry, PresenceMap } from '../../channel/types.ts';
import type { OpportunityPresenceState } from '../rows/presence.ts';

/** What someone does in an opportunity. */
export type OpportunityStatus = OpportunityPresenceState['status'];

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

const BUSIEST_FIRST: readonly OpportunityStatus[] = ['editing', 'viewing', 'away'];

/**
 * The people of a room, in the order they came. Of someone's several connections the busiest speaks: who edits in one tab
 * and has left another aside is editing.
 */
export function collaborators(presence: PresenceMap<OpportunityPresenceState>): readonly Collaborator[] {
  return [...presence]
    .flatMap(([userId, entries]) => collaborator(userId, entries) ?? [])
    .sort((a, b) => (a.onlineAt === b.onlineAt ? (a.userId < b.userId ? -1 : 1) : a.onlineAt < b.onlineAt ? -1 : 1));
}

function collaborator(userId: string, entries: readonly PresenceEntry<OpportunityPresenceState>[]): Collaborator | null {
  const states = entries.map(({ state }) => state);
  const [speaker] = [...states].sort((a, b) => BUSIEST_FIRST.indexOf(a.status) - BUSIEST_FIRST.indexOf(b.status));
  if (speaker === undefined) return null;
  const onlineAt = states.map(({ online_at: at }) => at).reduce((first, at) => (at < first ? at : first));
  return {
    userId,
    name: speaker.display_name,
    avatarUrl: speaker.avatar_url ?? null,
    status: speaker.status,
    section: speaker.current_section,
    onlineAt,
    connections: entries.length,
  };
}
