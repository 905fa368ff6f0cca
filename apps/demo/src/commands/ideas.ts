import type { SupabaseClient } from '@supabase/supabase-js';

/** An idea as the reviewers' list shows it. */
export interface ReviewIdea {
  id: string;
  title_ar: string;
  status: string | null;
}

/** The latest ideas the caller may see, newest first. */
export async function loadIdeas(supabase: SupabaseClient): Promise<ReviewIdea[]> {
  const { data } = await supabase
    .from('ideas')
    .select('id, title_ar, status')
    .order('created_at', { ascending: false })
    .order('id')
    .limit(30)
    .overrideTypes<ReviewIdea[], { merge: false }>()
    .throwOnError();
  return data;
}

/** Moves an idea: its innovator between draft and submitted, an administrator anywhere. */
export async function setIdeaStatus(supabase: SupabaseClient, ideaId: string, status: string): Promise<void> {
  await supabase.from('ideas').update({ status }).eq('id', ideaId).select('id').single().throwOnError();
}

/** The statuses an innovator may give an idea of their own, until its review begins. */
export const OWN_IDEA_STATUSES = ['submitted', 'draft'] as const;
