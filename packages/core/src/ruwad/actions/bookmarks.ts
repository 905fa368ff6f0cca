import * as z from 'zod/mini';
import type { SupabaseClient } from '@supabase/supabase-js';
import { defineAction } from '../../outbox/defineAction.ts';
import type { OptimisticEffect } from '../../live/optimisticWrites.ts';
import type { QueuedAction } from '../../outbox/types.ts';
import { uuid } from '../rows/columns.ts';

const item = {
  item_type: z.enum(['challenge', 'idea', 'event', 'opportunity', 'partner']),
  item_id: uuid,
  user_id: uuid,
};
const addInput = z.object({ ...item, id: uuid, notes: z.optional(z.string()), priority: z.optional(z.string()) });
const removeInput = z.object({ ...item, ids: z.array(uuid) });
type AddInput = z.infer<typeof addInput>;
type RemoveInput = z.infer<typeof removeInput>;
type Item = Pick<AddInput, 'item_type' | 'item_id' | 'user_id'>;

const tableOf = ({ item_type }: Pick<Item, 'item_type'>): string => `${item_type}_bookmarks`;
const itemColumn = ({ item_type }: Pick<Item, 'item_type'>): string => `${item_type}_id`;
const matchOf = (input: Item): Record<string, string> => ({ user_id: input.user_id, [itemColumn(input)]: input.item_id });
const lane = (input: Item): string => `${tableOf(input)}:${input.user_id}:${input.item_id}`;

/** Bookmarks an item. One that is bookmarked already, on another device for one, is as good. */
export const addBookmarkAction = defineAction({
  name: 'ruwad/add-bookmark',
  input: addInput,
  lane,
  execute: (supabase, input) => addBookmarkRow(supabase, input),
  optimistic: (action) => [{ type: 'INSERT', table: tableOf(action.input), row: shownBookmark(action) }],
  // The item may be bookmarked on another device: it is removed all the same, and only the adding is spared.
  fold: (_earlier, later) => (later.name === removeBookmarkAction.name ? { name: later.name, input: later.input as RemoveInput } : null), // by its name
});

/** Removes an item's bookmark. Done when there is none. */
export const removeBookmarkAction = defineAction({
  name: 'ruwad/remove-bookmark',
  input: removeInput,
  lane,
  execute: (supabase, input) => removeBookmarkRows(supabase, input),
  optimistic: ({ input }): OptimisticEffect[] => input.ids.map((id) => ({ type: 'DELETE', table: tableOf(input), key: { id } })),
});

/** Writes a bookmark, or finds the one that is there; gives supabase-js's response with the row. */
export async function addBookmarkRow(supabase: SupabaseClient, input: AddInput): Promise<{ data: unknown; error: { message: string } | null; status: number }> {
  const { id, notes, priority } = input;
  const row = { id, ...matchOf(input), ...(notes !== undefined && { notes }), ...(priority !== undefined && { priority }) };
  const written = await supabase.from(tableOf(input)).upsert(row, { onConflict: `user_id,${itemColumn(input)}`, ignoreDuplicates: true }).select().maybeSingle();
  if (written.error !== null || written.data !== null) return written;
  return supabase.from(tableOf(input)).select().match(matchOf(input)).single();
}

/** Deletes a bookmark; gives supabase-js's response with the rows that went. */
export function removeBookmarkRows(supabase: SupabaseClient, input: Item): PromiseLike<{ data: unknown; error: { message: string } | null; status: number }> {
  return supabase.from(tableOf(input)).delete().match(matchOf(input)).select();
}

function shownBookmark({ input, enqueuedAt }: QueuedAction<AddInput>): Record<string, unknown> {
  const { id, item_type, notes, priority } = input;
  const details = item_type === 'partner' ? { notes: notes ?? null, priority: priority ?? 'medium' } : {};
  return { id, ...matchOf(input), ...details, created_at: new Date(enqueuedAt).toISOString() };
}
