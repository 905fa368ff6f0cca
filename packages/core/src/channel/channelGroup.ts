import { createStore, type Store } from '../store/store.ts';
import type { ChannelDefinition, ParamsOf, ParamsArgs } from './defineChannel.ts';
import { listenChannel, type ChannelHandlers } from './listenChannel.ts';
import type { Channel } from './types.ts';

/** Subscriptions of one owner, who ends them one by one or all together. */
export interface ChannelGroup {
  /** Topics held open by this group, each once, in the order they came. */
  readonly store: Store<readonly string[]>;
  /**
   * Holds a channel open and calls handlers for what comes over it, until the returned function is called. Equal
   * definitions and params share one join, in this group and beside it.
   */
  subscribe<D extends ChannelDefinition>(definition: D, params: ParamsOf<D>, handlers?: ChannelHandlers<D>): () => void;
  /** Ends all of them; new ones may follow. */
  clear(): void;
}

/** Makes a group whose channels come from `open`, such as `realtime.channel`. */
export function createChannelGroup(open: <D extends ChannelDefinition>(definition: D, ...params: ParamsArgs<D>) => Channel<D>): ChannelGroup {
  const store = createStore<readonly string[]>([]);
  const active = new Map<() => void, string>();
  const publish = (): void => {
    const topics = [...new Set(active.values())];
    const before = store.get();
    if (topics.length !== before.length || topics.some((topic, index) => topic !== before[index])) store.set(topics);
  };
  return {
    store,
    subscribe<D extends ChannelDefinition>(definition: D, params: ParamsOf<D>, handlers?: ChannelHandlers<D>) {
      // `undefined` stands for "no params", which the client takes as no argument.
      const channel = open(definition, ...((params === undefined ? [] : [params]) as ParamsArgs<D>));
      const stop = listenChannel(channel, () => handlers);
      const end = (): void => {
        if (!active.delete(end)) return;
        stop();
        publish();
      };
      active.set(end, channel.topic);
      publish();
      return end;
    },
    clear() {
      for (const end of [...active.keys()]) end();
    },
  };
}
