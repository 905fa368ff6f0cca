import { createTimeline, describeBinding, type ArgsOf, type BindingAdapter, type HookName, type ResultOf } from '@ruwad/binding-conformance';
import { render } from '@testing-library/vue';
import { createSSRApp, defineComponent, h, nextTick, shallowRef, toValue, watchEffect, type MaybeRefOrGetter } from 'vue';
import { renderToString } from 'vue/server-renderer';
import * as vue from '../src/index.ts';
import { createRealtime } from '../src/index.ts';

type Composable = (...args: MaybeRefOrGetter<string>[]) => Record<string, unknown>;

/** The composable of that name; its refs and functions are told apart where they are read. */
const composableOf = (name: HookName) => vue[name] as unknown as Composable;

/** What a composable returned with its refs read: what the hook of the same name returns in React. */
const readRefs = <N extends HookName>(returned: Record<string, unknown>) =>
  // Actions are functions too, but only refs hold a value.
  Object.fromEntries(Object.entries(returned).map(([key, field]) => [key, typeof field === 'function' ? field : toValue(field)])) as unknown as ResultOf<N>;

const adapter: BindingAdapter = {
  name: 'Vue',
  mount: (realtime, name, ...initial) => {
    type Name = typeof name;
    const results = createTimeline<ResultOf<Name>>();
    const args = shallowRef<readonly string[]>(initial);
    let read: (() => ResultOf<Name>) | undefined;
    const component = defineComponent(() => {
      const returned = composableOf(name)(...initial.map((_, index) => () => args.value[index] ?? ''));
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
  renderToString: (realtime, name, ...args) => {
    const component = defineComponent(() => {
      const { status } = composableOf(name)(...args);
      return () => h('p', String(toValue(status)));
    });
    return renderToString(createSSRApp(component).use(createRealtime(realtime)));
  },
};

describeBinding(adapter);
