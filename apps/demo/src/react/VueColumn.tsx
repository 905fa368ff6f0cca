import { useEffect, useRef } from 'react';
import { mountVueColumn } from '../vue/mountVueColumn.ts';
import { useApp, useLocale, useWorkspace } from './context.ts';

/** The admin tool's side: a Vue app of its own that hangs on the same realtime client. */
export function VueColumn() {
  const { language } = useApp();
  const { t } = useLocale();
  const workspace = useWorkspace();
  const host = useRef<HTMLDivElement>(null);

  useEffect(() => (host.current ? mountVueColumn(host.current, { workspace, language }) : undefined), [workspace, language]);

  return (
    <section className="column vue" aria-label={t.sides.vue}>
      <div className="vue-root" ref={host} />
    </section>
  );
}
