import { TABLE } from '../../core/rows.ts';
import type { Keeper } from '../keeper.ts';
import { connectSdk, messageOf } from '../sdk.ts';

/** The SDK's channel with a subscriber that keeps no rows: what of a live query's cost is not the list's. */
export async function channelAlone(): Promise<Keeper> {
  const { channel, receive } = await connectSdk();
  let heard = 0;
  channel.changes$(TABLE).subscribe(({ type }) => { heard += type.length; });
  return {
    load: () => Promise.resolve(),
    arrival(change) {
      const message = messageOf(change);
      return () => {
        const before = heard;
        receive(message);
        if (heard === before) throw new Error('a change was not heard');
      };
    },
    frame: () => undefined,
    rows: () => null,
    unload: () => undefined,
  };
}
