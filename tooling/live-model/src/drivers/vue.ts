import { createRealtime, useLiveQuery } from '@ruwad/realtime-vue';
import { createApp, defineComponent, h } from 'vue';
import type { Driver } from '../driver.ts';
import { readList } from './readList.ts';

/** What a component shows that reads `useLiveQuery` of the Vue binding. */
export const driver: Driver = {
  show(realtime, { channel, query }) {
    const list = defineComponent(() => {
      const { status, rows } = useLiveQuery(channel, undefined, query);
      return () => h('ol', { 'data-status': status.value }, rows.value.map(({ id, n }) => h('li', { key: id }, `${String(id)}: ${String(n)}`)));
    });
    const container = document.createElement('div');
    const app = createApp(list).use(createRealtime(realtime));
    app.mount(container);
    return { read: () => readList(container), close: () => app.unmount() };
  },
};
