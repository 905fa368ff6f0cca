import type { SupabaseClient } from '@supabase/supabase-js';

/** Kinds of event the demo records. */
export const RECORDED_EVENTS = ['page_view', 'user_action', 'challenge_view'] as const;

/** Records an event of the caller, now. */
export async function recordEvent(supabase: SupabaseClient, eventType: string): Promise<void> {
  await supabase.rpc('track_event', { p_event_type: eventType, p_properties: { source: 'demo' } }).throwOnError();
}
