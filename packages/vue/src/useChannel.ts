import { listenChannel, type Channel, type ChannelDefinition, type ChannelHandlers, type ChannelState, type ParamsArgs, type ParamsOf } from '@ruwad/realtime-core';
import { computed, toValue, watch, type ComputedRef, type MaybeRefOrGetter } from 'vue';
import { useActive } from './useActive.ts';
import { useRealtime } from './realtimePlugin.ts';
import { useStore } from './useStore.ts';

/** What {@link useChannel} returns. */
export interface UseChannelResult<D extends ChannelDefinition> {
  status: ComputedRef<ChannelState['status']>;
  error: ComputedRef<ChannelState['error']>;
  /** True only while the channel is live. */
  isConnected: ComputedRef<boolean>;
  send: Channel<D>['send'];
  track: Channel<D>['track'];
  untrack: Channel<D>['untrack'];
}

/**
 * Holds a channel open while the component is mounted and not kept aside by `<KeepAlive>`. Every component that opens
 * the same definition with the same params shares one join.
 *
 * @param params - compared by value; other params are another channel, to which everything returned goes over.
 * `undefined` for a definition without params.
 * @param handlers - called for what comes over the channel; of a ref or getter the latest. New ones cause no rejoin.
 * @throws RealtimeError `client/missing` when no client was provided.
 */
export function useChannel<D extends ChannelDefinition>(
  definition: D,
  params: MaybeRefOrGetter<ParamsOf<D>>,
  handlers?: MaybeRefOrGetter<ChannelHandlers<D> | undefined>,
): UseChannelResult<D> {
  const realtime = useRealtime();
  const channel = computed(() => {
    const value = toValue(params);
    // `undefined` stands for "no params", which the client takes as no argument.
    return realtime.channel(definition, ...((value === undefined ? [] : [value]) as ParamsArgs<D>));
  });
  const state = useStore(() => channel.value.store);
  const active = useActive();
  watch(
    [channel, active],
    ([current, isActive], _previous, onCleanup) => {
      if (isActive) onCleanup(listenChannel(current, () => toValue(handlers)));
    },
    { flush: 'sync', immediate: true },
  );
  return {
    status: computed(() => state.value.status),
    error: computed(() => state.value.error),
    isConnected: computed(() => state.value.status === 'live'),
    send: (event, payload) => channel.value.send(event, payload),
    track: (member) => channel.value.track(member),
    untrack: () => channel.value.untrack(),
  };
}
