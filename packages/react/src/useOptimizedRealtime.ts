import { createChannelGroup, type ChannelGroup } from '@ruwad/realtime-core';
import { useEffect, useMemo } from 'react';
import { useRealtime } from './RealtimeProvider.tsx';
import { useStore } from './useStore.ts';

/** What {@link useOptimizedRealtime} returns. */
export interface UseOptimizedRealtimeResult {
  /**
   * Holds a channel open and calls handlers for what comes over it, until the returned function is called or the
   * component unmounts. Equal definitions and params share one join, whoever asks. Call it in effects and event handlers.
   */
  subscribeToChannel: ChannelGroup['subscribe'];
  /** Topics this component holds open. */
  activeChannels: readonly string[];
}

/**
 * Subscribes to any number of channels, known only at run time, and ends all of them with the component.
 *
 * @throws RealtimeError `client/missing` outside a {@link RealtimeProvider}.
 */
export function useOptimizedRealtime(): UseOptimizedRealtimeResult {
  const realtime = useRealtime();
  const group = useMemo(() => createChannelGroup((definition, ...params) => realtime.channel(definition, ...params)), [realtime]);
  useEffect(() => () => group.clear(), [group]);
  const activeChannels = useStore(group.store);
  return useMemo(() => ({ subscribeToChannel: (...subscription) => group.subscribe(...subscription), activeChannels }), [group, activeChannels]);
}
