import type { Driver } from '../driver.ts';

/** The store itself, which both bindings read. */
export const driver: Driver = {
  show(realtime, { channel, query }) {
    const { store } = realtime.live({ ...query, channel: realtime.channel(channel) });
    const close = store.subscribe(() => undefined);
    return { read: () => ({ status: store.get().status, rows: store.get().rows.map(({ id, n }) => ({ id, n })) }), close };
  },
};
