// @vitest-environment node
import { describeServerRendering, type ArgsOf, type FeatureHookName } from '@ruwad/binding-conformance';
import type { FeatureState } from '@ruwad/realtime-core/ruwad';
import { renderToString } from 'react-dom/server';
import * as react from '../src/index.ts';
import { RealtimeProvider } from '../src/index.ts';

/** The hook of that name; TypeScript cannot relate a name and arguments picked by one type parameter. */
const hookOf = <N extends FeatureHookName>(name: N) => react[name] as unknown as (...args: ArgsOf<N>) => FeatureState;

describeServerRendering({
  name: 'React',
  renderToString: (realtime, name, ...args) => {
    const useHook = hookOf(name);
    const Status = () => <p>{useHook(...args).status}</p>;
    return Promise.resolve(
      renderToString(
        <RealtimeProvider client={realtime}>
          <Status />
        </RealtimeProvider>,
      ),
    );
  },
});
