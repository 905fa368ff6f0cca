import { listenChannel, type Channel, type ChannelDefinition, type ChannelHandlers, type ChannelState, type ParamsArgs, type ParamsOf } from '@ruwad/realtime-core';
import { useEffect, useInsertionEffect, useMemo, useRef } from 'react';
import { useRealtime } from './RealtimeProvider.tsx';
import { useStore } from './useStore.ts';

/** What {@link useChannel} returns. */
export interface UseChannelResult<D extends ChannelDefinition> extends Pick<ChannelState, 'status' | 'error'> {
  /** True only while the channel is live. */
  isConnected: boolean;
  send: Channel<D>['send'];
  track: Channel<D>['track'];
  untrack: Channel<D>['untrack'];
}

/**
 * Holds a channel open while the component is mounted. Every component that opens the same definition with the same
 * params shares one join.
 *
 * @param params - compared by value; `undefined` for a definition without params.
 * @param handlers - called for what comes over the channel. The latest ones are called; new ones cause no rejoin.
 * @throws RealtimeError `client/missing` outside a {@link RealtimeProvider}.
 */
export function useChannel<D extends ChannelDefinition>(definition: D, params: ParamsOf<D>, handlers?: ChannelHandlers<D>): UseChannelResult<D> {
  // `undefined` stands for "no params", which the client takes as no argument.
  const channel = useRealtime().channel(definition, ...((params === undefined ? [] : [params]) as ParamsArgs<D>));
  const { status, error } = useStore(channel.store);

  const latest = useRef(handlers);
  // Before every other effect, so that none of them sees the handlers of the render before; silent on the server.
  useInsertionEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => listenChannel(channel, () => latest.current), [channel]);

  const commands = useMemo<Pick<UseChannelResult<D>, 'send' | 'track' | 'untrack'>>(
    () => ({
      send: (event, payload) => channel.send(event, payload),
      track: (state) => channel.track(state),
      untrack: () => channel.untrack(),
    }),
    [channel],
  );
  return { status, error, isConnected: status === 'live', ...commands };
}
