import type { SupabaseClient } from '@supabase/supabase-js';

/** Changes an event; row level security lets event managers and administrators. */
export async function updateEvent(supabase: SupabaseClient, eventId: string, change: { title_ar?: string; status?: string }): Promise<void> {
  await supabase.from('events').update(change).eq('id', eventId).select('id').single().throwOnError();
}
