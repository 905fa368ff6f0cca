import type { SupabaseClient } from '@supabase/supabase-js';
import * as z from 'zod/mini';
import { defineAction, tableActions, type Outbox, type Receipt } from '../index.ts';

declare const outbox: Outbox;

const note = defineAction({
  name: 'note',
  input: z.object({ id: z.string(), pinned: z._default(z.boolean(), false), due: z.optional(z.pipe(z.iso.datetime(), z.transform((text) => new Date(text)))) }),
  lane: ({ id, pinned }) => `${id} ${String(pinned satisfies boolean)}`,
  fold: ({ input: { pinned, due } }) => ({ name: 'note', input: { pinned: (pinned satisfies boolean | undefined) ?? true, due: due satisfies string | undefined } }),
  execute: (_supabase, { pinned, due }) => Promise.resolve({ pinned: pinned satisfies boolean, due: due?.getTime() }),
});
/** `enqueue` and `fold` take what the schema takes, and `execute` gets what it makes of it. */
export const receipt: Promise<Receipt<{ pinned: boolean; due: number | undefined }>> = outbox.enqueue(note, { id: 'a', due: '2026-01-01T00:00:00Z' });

interface Database { public: { Tables: { notes: { Row: { id: string }; Insert: { id: string }; Update: { id?: string }; Relationships: [] } }; Views: Record<string, never>; Functions: Record<string, never> } }
const typed = defineAction({
  name: 'typed',
  input: z.object({ id: z.string() }),
  execute: (supabase: SupabaseClient<Database>, row) => supabase.from('notes').insert(row).select('id').single(),
});
/** Of a client whose tables are known the output is known. */
export const id: Promise<Receipt<{ id: string }>> = outbox.enqueue(typed, { id: 'a' });

const { insert } = tableActions({ table: 'notes' });
export const inserted: Promise<Receipt<{ readonly [column: string]: unknown }>> = outbox.enqueue(insert, { id: 'a' });

// @ts-expect-error -- the id is missing
void outbox.enqueue(note, { pinned: true });
// @ts-expect-error -- what the schema takes is text; a date is not what is stored
void outbox.enqueue(note, { id: 'a', due: new Date() });
