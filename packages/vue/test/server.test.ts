// @vitest-environment node
import { describeServerRendering, type FeatureHookName } from '@ruwad/binding-conformance';
import { createSSRApp, defineComponent, h, type Ref } from 'vue';
import { renderToString } from 'vue/server-renderer';
import * as vue from '../src/index.ts';
import { createRealtime } from '../src/index.ts';

/** The composable of that name; the suite's types say what it takes. */
const composableOf = (name: FeatureHookName) => vue[name] as unknown as (...args: string[]) => { status: Ref<string> };

describeServerRendering({
  name: 'Vue',
  renderToString: (realtime, name, ...args) => {
    const component = defineComponent(() => {
      const { status } = composableOf(name)(...args);
      return () => h('p', status.value);
    });
    return renderToString(createSSRApp(component).use(createRealtime(realtime)));
  },
});
