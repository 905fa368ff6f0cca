import { createRealtimeClient, defineChannel, type Filter } from '@ruwad/realtime-core';
import * as z from 'zod/mini';
import { byId } from '../rows.ts';
import type { App, Running, Subject } from '../subject.ts';

const MOST_ROWS = 2_000;

const item = z.object({ id: z.string(), owner: z.string(), title: z.string(), amount: z.number(), updated_at: z.string() });

/** As in the README of the core: a definition, and a live query. */
const allItems = defineChannel({ name: 'items', topic: 'items', tables: { items: { row: item, version: 'updated_at' } } });
const itemsOf = defineChannel({
  name: 'itemsOf',
  topic: ({ owner }: { owner: string }) => `items:${owner}`,
  tables: { items: { row: item, version: 'updated_at', filter: ({ owner }): Filter => ({ column: 'owner', operator: 'eq', value: owner }) } },
});

/** A live query without anything in the database. */
export const ours: Subject = {
  name: 'ruwad',
  title: 'Ruwād',
  packages: ['@ruwad/realtime-core'],
  deletes: 'hard',
  listens: true,
  ours: true,
  start: (app) => Promise.resolve(startLive(app)),
};

function startLive({ supabase, filter, userId }: App): Running {
  const realtime = createRealtimeClient({ supabase, user: userId === null ? null : { id: userId } });
  const query = { table: 'items', orderBy: { column: 'id' }, limit: MOST_ROWS } as const;
  const live = filter === null ? realtime.live({ channel: realtime.channel(allItems), ...query }) : realtime.live({ channel: realtime.channel(itemsOf, { owner: filter.value }), ...query });
  const unsubscribe = live.store.subscribe(() => undefined);
  return {
    rows: () => byId(live.store.get().rows),
    async stop() {
      unsubscribe();
      await realtime.dispose();
    },
  };
}
