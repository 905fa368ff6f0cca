import { createChannelGroup, type ChannelGroup } from '@ruwad/realtime-core';
import { onScopeDispose, type ComputedRef } from 'vue';
import { useRealtime } from './realtimePlugin.ts';
import { useStore } from './useStore.ts';

/** What {@link useOptimizedRealtime} returns. */
export interface UseOptimizedRealtimeResult {
  /**
   * Holds a channel open and calls handlers for what comes over it, until the returned function is called or the
   * component unmounts. Equal definitions and params share one join, whoever asks. Call it in `onMounted` and in event
   * handlers: on a server nothing would end it.
   */
  subscribeToChannel: ChannelGroup['subscribe'];
  /** Topics this component holds open. */
  activeChannels: ComputedRef<readonly string[]>;
}

/**
 * Subscribes to any number of channels, known only at run time, and ends all of them with the component.
 *
 * @throws RealtimeError `client/missing` when no client was provided.
 */
export function useOptimizedRealtime(): UseOptimizedRealtimeResult {
  const realtime = useRealtime();
  const group = createChannelGroup((definition, ...params) => realtime.channel(definition, ...params));
  onScopeDispose(() => group.clear());
  return { subscribeToChannel: (...subscription) => group.subscribe(...subscription), activeChannels: useStore(group.store) };
}
