import type { ChannelDefinition, LiveQuery, LiveQueryOptions, LiveRowsOptions, LiveState, ParamsOf, RowOf, Selected, TableNames } from '@ruwad/realtime-core';
import { useRealtime } from './RealtimeProvider.tsx';
import { useStore } from './useStore.ts';

/** What {@link useLiveQuery} returns. */
export type UseLiveQueryResult<Row> = LiveState<Row> & Pick<LiveQuery<Row>, 'refresh' | 'loadMore'>;

/**
 * The rows of a table, kept equal to it while the component is mounted. Components with equal arguments share one query.
 *
 * @param params - of the channel, compared by value; `undefined` for a definition without params.
 * @param query - compared by value; another one is another query, to which the state switches in the same render.
 * @throws RealtimeError `client/missing` outside a {@link RealtimeProvider}.
 */
export function useLiveQuery<D extends ChannelDefinition, T extends TableNames<D>, S extends keyof RowOf<D, T> = never>(
  definition: D,
  params: ParamsOf<D>,
  query: LiveRowsOptions<D, T, S>,
): UseLiveQueryResult<Selected<RowOf<D, T>, S>> {
  const realtime = useRealtime();
  const { store, refresh, loadMore } = realtime.live<D, T, S>({ ...query, channel: definition, params } as LiveQueryOptions<D, T, S>); // the params are the definition's
  return { ...useStore(store), refresh, loadMore };
}
