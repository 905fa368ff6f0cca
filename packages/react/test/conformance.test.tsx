import { createTimeline, describeBinding, type ArgsOf, type BindingAdapter, type HookName, type Hooks, type ResultOf } from '@ruwad/binding-conformance';
import { renderHook } from '@testing-library/react';
import { useLayoutEffect } from 'react';
import * as react from '../src/index.ts';
import { RealtimeProvider } from '../src/index.ts';

/** The hook of that name; TypeScript cannot relate a name and arguments picked by one type parameter. */
const hookOf = <N extends HookName>(name: N) => (react satisfies Hooks)[name] as unknown as (...args: ArgsOf<N>) => ResultOf<N>;

const adapter: BindingAdapter = {
  name: 'React',
  mount: (realtime, name, ...args) => {
    type Name = typeof name;
    const useHook = hookOf(name);
    const results = createTimeline<ResultOf<Name>>();
    const { rerender, unmount } = renderHook(
      (props: { args: ArgsOf<Name> }) => {
        const result = useHook(...props.args);
        useLayoutEffect(() => results.push(result));
      },
      {
        initialProps: { args },
        wrapper: ({ children }) => <RealtimeProvider client={realtime}>{children}</RealtimeProvider>,
        reactStrictMode: true,
      },
    );
    return {
      results,
      current: () => {
        const last = results.all.at(-1);
        if (!last) throw new Error('Nothing was rendered');
        return last;
      },
      rerender: (...next) => {
        rerender({ args: next });
        return Promise.resolve();
      },
      unmount,
    };
  },
};

describeBinding(adapter);
