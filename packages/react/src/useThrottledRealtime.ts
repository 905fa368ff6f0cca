import { throttledChanges, type AnyChange, type Channel, type ChannelDefinition, type ChannelState } from '@ruwad/realtime-core';
import { useEffect, useInsertionEffect, useRef } from 'react';
import { useRealtime } from './RealtimeProvider.tsx';
import { useStore } from './useStore.ts';

/** What {@link useThrottledRealtime} returns. */
export interface UseThrottledRealtimeResult extends Pick<ChannelState, 'status' | 'error'> {
  /** True only while the channel is live. */
  isConnected: boolean;
}

/**
 * Calls a handler with the changes of a channel's tables at most once per interval: the first at once, later ones
 * together. Distinct rows are never dropped; of one row the latest change counts.
 *
 * @param channel - from `useRealtime().channel(definition, params)`, which gives the same one for equal params.
 * @param handler - the latest one is called; a new one neither rejoins nor loses what waits.
 * @param throttleMs - least time between two calls, in ms.
 * @throws RealtimeError `client/missing` outside a {@link RealtimeProvider}.
 */
export function useThrottledRealtime<D extends ChannelDefinition>(
  channel: Channel<D>,
  handler: (changes: readonly AnyChange<D>[]) => void,
  throttleMs = 1_000,
): UseThrottledRealtimeResult {
  const { clock } = useRealtime();
  const { status, error } = useStore(channel.store);
  const latest = useRef(handler);
  useInsertionEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    const subscription = throttledChanges(channel, { intervalMs: throttleMs, clock }).subscribe((changes) => latest.current(changes));
    return () => subscription.unsubscribe();
  }, [channel, throttleMs, clock]);
  return { status, error, isConnected: status === 'live' };
}
