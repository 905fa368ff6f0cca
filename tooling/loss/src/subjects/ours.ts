import { changeLog, createRealtimeClient, defineChannel, type Filter } from '@ruwad/realtime-core';
import * as z from 'zod/mini';
import { byId, COLUMNS } from '../rows.ts';
import type { App, Running, Subject } from '../subject.ts';

const MOST_ROWS = 2_000;

const item = z.object({ id: z.string(), owner: z.string(), title: z.string(), amount: z.number(), updated_at: z.string() });

const common = { packages: ['@ruwad/realtime-core'], listens: true, ours: true, start: (app: App) => Promise.resolve(startLive(app)) } as const;

/** A live query with its defaults, and nothing in the database. */
export const ours: Subject = { ...common, name: 'ruwad', title: 'Ruwād', table: 'items' };

/** The same of a table in the optional change log. */
export const oursWithLog: Subject = { ...common, name: 'ruwad-log', title: 'Ruwād, change log', table: 'items_logged' };

/** As in the README of the core: a definition, and a live query. */
function startLive({ supabase, table, filter, userId }: App): Running {
  const realtime = createRealtimeClient({ supabase, user: userId === null ? null : { id: userId }, ...(table === 'items_logged' && { changeLog }) });
  const rows = { row: item, version: 'updated_at', ...(filter === null ? {} : { filter: (): Filter => ({ ...filter, operator: 'eq' }) }) };
  const definition = defineChannel({ name: table, topic: table, tables: { [table]: rows } as Record<'items', typeof rows> }); // under whichever name the table has
  const live = realtime.live({ channel: realtime.channel(definition), table: table as 'items', select: COLUMNS, orderBy: { column: 'id' }, limit: MOST_ROWS }); // as above
  const unsubscribe = live.store.subscribe(() => undefined);
  return {
    rows: () => byId(live.store.get().rows),
    async stop() {
      unsubscribe();
      await realtime.dispose();
    },
  };
}
