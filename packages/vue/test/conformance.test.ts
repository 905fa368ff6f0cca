import { createTimeline, describeBinding, type ArgsOf, type BindingAdapter, type HookName, type ResultOf } from '@ruwad/binding-conformance';
import type { ChannelDefinition } from '@ruwad/realtime-core';
import { render } from '@testing-library/vue';
import { defineComponent, nextTick, shallowRef, toValue, watchEffect } from 'vue';
import * as vue from '../src/index.ts';
import { createRealtime } from '../src/index.ts';

type Composable = (...args: (() => unknown)[]) => Record<string, unknown>;

const composables: Record<HookName, unknown> = {
  ...vue,
  // A definition is a constant, so this composable takes no getter of it.
  useChannel: (definition: () => ChannelDefinition<unknown>, params: () => unknown, handlers: () => object) => vue.useChannel(definition(), params, handlers),
  useLiveQuery: (definition: () => ChannelDefinition, params: () => never, query: () => never) => vue.useLiveQuery(definition(), params, query),
};

/** The composable of that name; the suite's types say what it takes, and its refs are told apart where they are read. */
const composableOf = (name: HookName) => composables[name] as Composable;

/** What a composable returned with its refs read: what the hook of the same name returns in React. */
const readRefs = <N extends HookName>(returned: Record<string, unknown>) =>
  // Actions are functions too, but only refs hold a value.
  Object.fromEntries(Object.entries(returned).map(([key, field]) => [key, typeof field === 'function' ? field : toValue(field)])) as unknown as ResultOf<N>;

const adapter: BindingAdapter = {
  name: 'Vue',
  mount: (realtime, name, ...initial) => {
    type Name = typeof name;
    const results = createTimeline<ResultOf<Name>>();
    const args = shallowRef<readonly unknown[]>(initial);
    let read: (() => ResultOf<Name>) | undefined;
    const component = defineComponent(() => {
      const returned = composableOf(name)(...initial.map((_, index) => () => args.value[index]));
      read = () => readRefs<Name>(returned);
      // After rendering, once for all changes of a tick: what a person would have seen.
      watchEffect(() => results.push(readRefs<Name>(returned)), { flush: 'post' });
      return () => null;
    });
    const rendered = render(component, { global: { plugins: [createRealtime(realtime)] } });
    return {
      results,
      current: () => {
        if (!read) throw new Error('setup did not run');
        return read();
      },
      rerender: async (...next: ArgsOf<Name>) => {
        args.value = next;
        await nextTick();
      },
      unmount: () => rendered.unmount(),
    };
  },
};

describeBinding(adapter);
