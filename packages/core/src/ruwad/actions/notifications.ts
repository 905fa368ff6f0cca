import * as z from 'zod/mini';
import type { SupabaseClient } from '@supabase/supabase-js';
import type { OptimisticEffect } from '../../live/optimisticWrites.ts';
import { defineAction } from '../../outbox/defineAction.ts';
import { timestamp, uuid } from '../rows/columns.ts';

const TABLE = 'challenge_notifications';

const input = z.object({
  recipient_id: uuid,
  /** Those that are shown as unread. */
  ids: z.array(uuid),
  /** Up to when the others were made; null for none of them. */
  up_to: z.nullable(timestamp),
});

/** Marks notifications as read. Those that came after it was enqueued stay unread. */
export const markReadAction = defineAction({
  name: 'ruwad/mark-read',
  input,
  lane: ({ recipient_id }) => `${TABLE}:${recipient_id}`,
  execute: (supabase, asked) => markReadRows(supabase, asked),
  optimistic: ({ input: { ids } }): OptimisticEffect[] => ids.map((id) => ({ type: 'UPDATE', table: TABLE, key: { id }, changes: { is_read: true } })),
});

/** Writes it; gives supabase-js's response with those of `ids`. */
export async function markReadRows(supabase: SupabaseClient, { recipient_id, ids, up_to }: z.infer<typeof input>): Promise<{ data: unknown; error: { message: string } | null; status: number }> {
  const read = () => supabase.from(TABLE).update({ is_read: true }).eq('recipient_id', recipient_id);
  if (up_to !== null) {
    const others = await read().lte('created_at', up_to).not('is_read', 'is', true);
    if (others.error !== null || ids.length === 0) return others;
  }
  return read().in('id', ids).select();
}
