import { stableKey } from '../lib/stableKey.ts';
import { createWeakMemo, type WeakMemo } from '../lib/weakMemo.ts';
import { createChannel, type ChannelHandle, type ChannelParts } from './channel.ts';
import type { ChannelDefinition, ParamsArgs } from './defineChannel.ts';
import { createJoinBudget } from './joinBudget.ts';
import { createTopics } from './topics.ts';
import type { Channel } from './types.ts';

/** The channels of a client. Made by {@link createChannelRegistry}. */
export interface ChannelRegistry {
  /** The channel of a definition and its params: one object, and so one join, for equal params. */
  readonly get: <D extends ChannelDefinition>(definition: D, ...params: ParamsArgs<D>) => Channel<D>;
  /** Leaves all of them for good. */
  dispose(): Promise<void>;
}

/** Makes a registry whose channels share these parts. */
export function createChannelRegistry(parts: Omit<ChannelParts, 'definition' | 'params' | 'onActive' | 'knownElsewhere' | 'budget' | 'topics'>): ChannelRegistry {
  const budget = createJoinBudget(parts.clock);
  const topics = createTopics(parts);
  const memos = new Map<ChannelDefinition, WeakMemo<Channel<ChannelDefinition>>>();
  const handles = new WeakMap<Channel<ChannelDefinition>, ChannelHandle>();
  /** Those in use: kept from being collected, and left at the end. */
  const active = new Set<ChannelHandle>();
  let disposed = false;

  const create = (definition: ChannelDefinition, params: unknown): Channel<ChannelDefinition> => {
    const handle = createChannel({
      ...parts,
      budget,
      topics,
      definition,
      params,
      knownElsewhere: (topic, event) => [...active].some(({ channel }) => channel.topic === topic && Object.hasOwn(channel.definition.broadcasts, event)),
      onActive(isActive) {
        if (isActive) active.add(handle);
        else active.delete(handle);
      },
    });
    handles.set(handle.channel, handle);
    if (disposed) void handle.dispose();
    return handle.channel;
  };

  return {
    get<D extends ChannelDefinition>(definition: D, ...[params]: ParamsArgs<D>) {
      const memo = memos.get(definition) ?? createWeakMemo<Channel<ChannelDefinition>>();
      memos.set(definition, memo);
      return memo.get(stableKey(params), () => create(definition, params)) as unknown as Channel<D>; // made from this definition
    },
    async dispose() {
      disposed = true;
      const known = [...memos.values()].flatMap((memo) => memo.values()).flatMap((channel) => handles.get(channel) ?? []);
      await Promise.all([...new Set([...active, ...known])].map((handle) => handle.dispose()));
    },
  };
}
