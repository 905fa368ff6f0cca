import { createStore, type RealtimeClient, type WritableStore } from '@ruwad/realtime-core';
import type { SupabaseClient } from '@supabase/supabase-js';
import { createResource, type Resource } from '../commands/resource.ts';
import { loadTeam, type TeamMember } from '../commands/team.ts';
import { loadPerson, loadReference, type Me, type Person, type Titled } from './reference.ts';

/** What every card of one signed-in person shares, in React and in Vue. */
export interface Workspace {
  readonly me: Me;
  readonly supabase: SupabaseClient;
  /** The one realtime client of the page; both columns hang on it. */
  readonly realtime: RealtimeClient;
  readonly people: readonly Person[];
  readonly challenges: readonly Titled[];
  /** Which challenge is discussed and which opportunity is open: chosen in either column, shown in both. */
  readonly challengeId: WritableStore<string>;
  readonly opportunities: readonly Titled[];
  readonly opportunityId: WritableStore<string>;
  /** The innovation team; only administrators see others than themselves in it. */
  readonly team: Resource<TeamMember[]>;
}

/**
 * Reads what a signed-in person needs before the first card can be drawn.
 * @param connect - makes the realtime client for that person; called once everything is read.
 * @throws PostgrestError when the database cannot be asked.
 */
export async function openWorkspace(supabase: SupabaseClient, userId: string, connect: (me: Me) => RealtimeClient): Promise<Workspace> {
  const [me, { people, challenges, opportunities }] = await Promise.all([loadPerson(supabase, userId), loadReference(supabase)]);
  return {
    me,
    supabase,
    realtime: connect(me),
    people,
    challenges,
    challengeId: createStore(challenges[0]?.id ?? ''),
    opportunities,
    opportunityId: createStore(opportunities[0]?.id ?? ''),
    team: createResource(() => loadTeam(supabase)),
  };
}
