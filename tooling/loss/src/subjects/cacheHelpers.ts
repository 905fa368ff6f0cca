import { useQuery, useSubscription } from '@supabase-cache-helpers/postgrest-react-query';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createElement } from 'react';
import { render } from 'react-nil';
import { byId, COLUMNS, type Row } from '../rows.ts';
import type { App, Subject } from '../subject.ts';

/**
 * supabase-cache-helpers with TanStack Query: https://supabase-cache-helpers.vercel.app. The columns are named, which it
 * recommends, and its subscription has no filter, as in its documentation: a row that leaves the query's filter is then
 * heard and taken out of the cache. React renders without a screen.
 */
export const cacheHelpers: Subject = {
  name: 'cache-helpers',
  title: 'supabase-cache-helpers',
  packages: ['@supabase-cache-helpers/postgrest-react-query', '@tanstack/react-query'],
  table: 'items',
  listens: true,
  ours: false,
  start(app) {
    let shown: readonly Row[] = [];
    const client = new QueryClient();
    const page = createElement(Page, { app, show: (rows) => void (shown = rows) });
    render(createElement(QueryClientProvider, { client }, page));
    return Promise.resolve({
      rows: () => byId(shown),
      async stop() {
        render(null);
        client.clear();
        await app.supabase.removeAllChannels();
      },
    });
  },
};

function Page({ app: { supabase, table, filter }, show }: { app: App; show: (rows: readonly Row[]) => void }): null {
  const query = supabase.from(table).select(COLUMNS.join(','));
  const { data } = useQuery<Row[]>((filter === null ? query : query.eq(filter.column, filter.value)) as never); // typed by generated types
  useSubscription(supabase, 'items', { event: '*', table, schema: 'public' }, ['id'] as never);
  show(data ?? []);
  return null;
}
