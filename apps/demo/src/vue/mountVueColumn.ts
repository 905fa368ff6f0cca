import { createRealtime } from '@ruwad/realtime-vue';
import { createApp } from 'vue';
import { columnKey, type ColumnParts } from './context.ts';
import VueColumn from './VueColumn.vue';

/** Mounts the Vue app on an element, with the page's realtime client; the returned function unmounts it. */
export function mountVueColumn(host: Element, parts: ColumnParts): () => void {
  const app = createApp(VueColumn).use(createRealtime(parts.workspace.realtime)).provide(columnKey, parts);
  app.mount(host);
  return () => app.unmount();
}
