import type { Tabs } from './types.ts';

/** The only tab: it leads at once, and there is nobody to talk to. */
export const singleTab: Tabs = {
  campaign(_scope, signal, lead) {
    if (!signal.aborted) lead(signal);
  },
  listen: () => () => undefined,
  post: () => undefined,
};
