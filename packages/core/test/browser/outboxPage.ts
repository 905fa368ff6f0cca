import { createClient } from '@supabase/supabase-js';
import * as z from 'zod/mini';
import { createRealtimeClient, defineAction, defineChannel, outbox, type LiveState, type OutboxState, type Store } from '../../src/index.ts';
import { indexedDbStorage } from '../../src/outbox/indexedDbStorage.ts';

/** Whom and what the page is for; the test puts it there before the page's program runs. */
export interface PageSettings {
  readonly url: string;
  readonly anonKey: string;
  readonly token: string;
  readonly userId: string;
}

const note = { input: z.object({ id: z.string(), text: z.string() }), lane: ({ id }: { id: string }) => id };
type Note = z.infer<typeof note.input>;
const notes = defineChannel({ name: 'notes', topic: 'notes', tables: { notes: { row: note.input } } });
const addNote = defineAction({
  name: 'add-note',
  ...note,
  execute: (supabase, row) => supabase.from('notes').insert(row).select().single(),
  applied: (supabase, { id }) => supabase.from('notes').select().eq('id', id).maybeSingle(),
});
const setNote = defineAction({ name: 'set-note', ...note, execute: (supabase, { id, text }) => supabase.from('notes').update({ text }).eq('id', id).select().single() });

/** What a test can have this page do. */
const commands = {
  /** Resolves when the action is stored. */
  enqueue: async (name: 'add' | 'set', id: string, text: string): Promise<void> => {
    await realtime.outbox.enqueue(name === 'add' ? addNote : setNote, { id, text });
  },
  state: (): OutboxState => realtime.outbox.store.get(),
  /** Whether what is enqueued outlives the page, and what the app should know. */
  warning: (): readonly [durable: boolean | null, code: string | undefined] => {
    const { durable, warning } = realtime.outbox.store.get();
    return [durable, warning?.code];
  },
  /** Resolves when this tab is the one that sends. */
  sends: (): Promise<void> => until(({ draining }) => draining),
  /** Resolves when nothing waits any more. */
  done: (): Promise<void> => until(({ pending, durable }) => durable !== null && pending.length === 0),
  /** Begins to show the notes; resolves when they are live. */
  show: async (): Promise<void> => {
    live.store.subscribe(() => undefined);
    await when(live.store, ({ status }) => status === 'live');
  },
  shown: (): Pick<LiveState<Note>, 'rows' | 'status'> => live.store.get(),
  /** Resolves when these are the notes shown, by id and live. */
  shows: (rows: readonly Note[]): Promise<void> => when(live.store, (state) => state.status === 'live' && JSON.stringify(state.rows) === JSON.stringify(rows)),
};

const { url, anonKey, token, userId } = window.settings;
const supabase = createClient(url, anonKey, { accessToken: () => Promise.resolve(token) });
const realtime = createRealtimeClient({ supabase, user: { id: userId, name: 'Sara', role: 'innovator' }, outbox: outbox({ actions: [addNote, setNote], storage: indexedDbStorage() }) });
realtime.outbox.store.subscribe(() => undefined);
const live = realtime.live({ channel: realtime.channel(notes), table: 'notes', orderBy: { column: 'id' } });
Object.assign(window, { app: commands });

function until(condition: (state: OutboxState) => boolean): Promise<void> {
  return when(realtime.outbox.store, condition);
}

function when<T>(store: Store<T>, condition: (state: T) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!condition(store.get())) return;
      stop();
      resolve();
    };
    const stop = store.subscribe(look);
    look();
  });
}

declare global {
  interface Window {
    app: typeof commands;
    settings: PageSettings;
  }
}
