import type { ChannelDefinition, LiveQuery, LiveQueryOptions, LiveRowsOptions, LiveState, ParamsOf, RowOf, Selected, TableNames } from '@ruwad/realtime-core';
import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue';
import { useRealtime } from './realtimePlugin.ts';
import { useStore } from './useStore.ts';

/** What {@link useLiveQuery} returns: one readonly ref per field of the state, and the query's actions. */
export type UseLiveQueryResult<Row> = { readonly [K in keyof LiveState<Row>]: ComputedRef<LiveState<Row>[K]> } & Pick<LiveQuery<Row>, 'refresh' | 'loadMore'>;

/**
 * The rows of a table, kept equal to it while the component is mounted and not kept aside by `<KeepAlive>`. Components with
 * equal arguments share one query.
 *
 * @param params - of the channel, compared by value; `undefined` for a definition without params.
 * @param query - compared by value; when a ref or getter gives another one, everything returned goes over to it.
 * @throws RealtimeError `client/missing` when no client was provided.
 */
export function useLiveQuery<D extends ChannelDefinition, T extends TableNames<D>, S extends keyof RowOf<D, T> = never>(
  definition: D,
  params: MaybeRefOrGetter<ParamsOf<D>>,
  query: MaybeRefOrGetter<LiveRowsOptions<D, T, S>>,
): UseLiveQueryResult<Selected<RowOf<D, T>, S>> {
  const realtime = useRealtime();
  const live = computed(() => realtime.live<D, T, S>({ ...toValue(query), channel: definition, params: toValue(params) } as LiveQueryOptions<D, T, S>)); // the params are the definition's
  const state = useStore(() => live.value.store);
  return {
    rows: computed(() => state.value.rows),
    status: computed(() => state.value.status),
    pendingKeys: computed(() => state.value.pendingKeys),
    hasMore: computed(() => state.value.hasMore),
    syncedAt: computed(() => state.value.syncedAt),
    error: computed(() => state.value.error),
    warning: computed(() => state.value.warning),
    refresh: () => live.value.refresh(),
    loadMore: () => live.value.loadMore(),
  };
}
