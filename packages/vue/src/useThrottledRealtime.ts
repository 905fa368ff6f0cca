import { throttledChanges, type AnyChange, type Channel, type ChannelDefinition, type ChannelState } from '@ruwad/realtime-core';
import { computed, toValue, watch, type ComputedRef, type MaybeRefOrGetter } from 'vue';
import { useActive } from './useActive.ts';
import { useRealtime } from './realtimePlugin.ts';
import { useStore } from './useStore.ts';

/** What {@link useThrottledRealtime} returns. */
export interface UseThrottledRealtimeResult {
  status: ComputedRef<ChannelState['status']>;
  error: ComputedRef<ChannelState['error']>;
  /** True only while the channel is live. */
  isConnected: ComputedRef<boolean>;
}

/**
 * Calls a handler with the changes of a channel's tables at most once per interval: the first at once, later ones
 * together. Distinct rows are never dropped; of one row the latest change counts.
 *
 * @param channel - from `useRealtime().channel(definition, params)`, or a ref or getter of it.
 * @param handler - called while the component is mounted and not kept aside by `<KeepAlive>`.
 * @param throttleMs - least time between two calls, in ms; of a ref or getter the latest.
 * @throws RealtimeError `client/missing` when no client was provided.
 */
export function useThrottledRealtime<D extends ChannelDefinition>(
  channel: MaybeRefOrGetter<Channel<D>>,
  handler: (changes: readonly AnyChange<D>[]) => void,
  throttleMs: MaybeRefOrGetter<number> = 1_000,
): UseThrottledRealtimeResult {
  const { clock } = useRealtime();
  const state = useStore(() => toValue(channel).store);
  const active = useActive();
  watch(
    [() => toValue(channel), () => toValue(throttleMs), active] as const,
    ([current, intervalMs, isActive], _previous, onCleanup) => {
      if (!isActive) return;
      const subscription = throttledChanges(current, { intervalMs, clock }).subscribe(handler);
      onCleanup(() => subscription.unsubscribe());
    },
    { flush: 'sync', immediate: true },
  );
  return {
    status: computed(() => state.value.status),
    error: computed(() => state.value.error),
    isConnected: computed(() => state.value.status === 'live'),
  };
}
