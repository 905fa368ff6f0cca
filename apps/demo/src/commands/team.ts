import type { SupabaseClient } from '@supabase/supabase-js';

/** A row of the innovation team. */
export interface TeamMember {
  id: string;
  user_id: string | null;
  cic_role: string;
  status: string | null;
}

/** The innovation team as the caller may see it, oldest member first. */
export async function loadTeam(supabase: SupabaseClient): Promise<TeamMember[]> {
  const { data } = await supabase
    .from('innovation_team_members')
    .select('id, user_id, cic_role, status')
    .order('created_at')
    .order('id')
    .overrideTypes<TeamMember[], { merge: false }>()
    .throwOnError();
  return data;
}

export async function addTeamMember(supabase: SupabaseClient, userId: string): Promise<void> {
  await supabase.from('innovation_team_members').insert({ user_id: userId, cic_role: 'member' }).throwOnError();
}

/** Takes a member into or out of the active team; the row stays. */
export async function setTeamMemberActive(supabase: SupabaseClient, memberId: string, active: boolean): Promise<void> {
  await supabase
    .from('innovation_team_members')
    .update({ status: active ? 'active' : 'inactive' })
    .eq('id', memberId)
    .select('id')
    .single()
    .throwOnError();
}

/** Puts a person on the active team, or takes them off it, whichever row of theirs there is. */
export async function setOnTeam(supabase: SupabaseClient, userId: string, onTeam: boolean): Promise<void> {
  const member = (await loadTeam(supabase)).find(({ user_id }) => user_id === userId);
  if (member) await setTeamMemberActive(supabase, member.id, onTeam);
  else if (onTeam) await addTeamMember(supabase, userId);
}
