import { Subscription, type Observable } from 'rxjs';
import type { BroadcastNames, BroadcastOf, ChannelDefinition, PresenceOf, RowOf, TableNames } from './defineChannel.ts';
import type { Broadcast, Change, Channel, InvalidPayload, PresenceMap } from './types.ts';

/** What to call for what comes over a channel; every part may be left out. */
export interface ChannelHandlers<D extends ChannelDefinition> {
  /** By table: every change of a row. */
  readonly changes?: { readonly [T in TableNames<D>]?: ((change: Change<RowOf<D, T>>) => void) | undefined } | undefined;
  /** By event: every message. */
  readonly broadcasts?: { readonly [E in BroadcastNames<D>]?: ((message: Broadcast<E, BroadcastOf<D, E>>) => void) | undefined } | undefined;
  /** Who is present: now, and after every change. */
  readonly presence?: ((members: PresenceMap<PresenceOf<D>>) => void) | undefined;
  /** What arrived and was not passed on. */
  readonly invalid?: ((payload: InvalidPayload) => void) | undefined;
}

/**
 * Holds a channel open and calls handlers for what comes over it, until the returned function is called.
 *
 * @param current - read at every event, so that handlers can be replaced without touching the channel. A handler that
 * throws is reported as an unhandled error and stops nothing.
 */
export function listenChannel<D extends ChannelDefinition>(channel: Channel<D>, current: () => ChannelHandlers<D> | undefined): () => void {
  const { tables, broadcasts, presence } = channel.definition;
  const subscription = new Subscription();
  const listen = <T>(source: Observable<T>, handler: () => ((value: T) => void) | undefined) => {
    subscription.add(source.subscribe((value) => handler()?.(value)));
  };
  // The definition's own keys are the names its types are made of.
  for (const table of Object.keys(tables) as TableNames<D>[]) listen(channel.changes$(table), () => current()?.changes?.[table]);
  for (const event of Object.keys(broadcasts) as BroadcastNames<D>[]) listen(channel.broadcast$(event), () => current()?.broadcasts?.[event]);
  if (presence !== undefined) listen(channel.presence$, () => current()?.presence);
  listen(channel.invalid$, () => current()?.invalid);
  return () => subscription.unsubscribe();
}
