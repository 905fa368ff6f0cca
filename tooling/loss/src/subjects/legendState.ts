import { observable } from '@legendapp/state';
import { configureSynced } from '@legendapp/state/sync';
import { syncedSupabase } from '@legendapp/state/sync-plugins/supabase';
import { byId, type Row } from '../rows.ts';
import type { Subject } from '../subject.ts';

/** https://legendapp.com/open-source/state/v3/sync/supabase, and the settings of Supabase's own guide to it. */
const synced = configureSynced(syncedSupabase, {
  changesSince: 'last-sync',
  fieldCreatedAt: 'created_at',
  fieldUpdatedAt: 'updated_at',
  fieldDeleted: 'deleted',
  retry: { infinite: true },
});

/** Legend-State with its Supabase plugin. Nothing is persisted, for nobody reloads the page. */
export const legendState: Subject = {
  name: 'legend-state',
  title: 'Legend-State',
  packages: ['@legendapp/state'],
  table: 'items_soft',
  listens: true,
  ours: false,
  start({ supabase, table, filter }) {
    const items$ = observable<Record<string, Row> | null>(
      synced({
        supabase,
        collection: table,
        actions: ['read'],
        ...(filter === null ? { realtime: true } : { filter: (select: { eq(column: string, value: string): unknown }) => select.eq(filter.column, filter.value), realtime: { filter: `${filter.column}=eq.${filter.value}` } }),
      } as never), // typed by a database's generated types, which a table given by name does not have
    );
    const stop = items$.onChange(() => undefined);
    items$.get();
    return Promise.resolve({
      rows: () => byId(Object.values(items$.peek() ?? {})),
      async stop() {
        stop();
        await supabase.removeAllChannels();
      },
    });
  },
};
