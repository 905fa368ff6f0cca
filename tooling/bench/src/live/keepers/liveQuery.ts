import type { LiveQuery } from '@ruwad/realtime-core';
import { TABLE, type ChallengeRow } from '../../core/rows.ts';
import { ORDER_COLUMN } from '../history.ts';
import type { Keeper } from '../keeper.ts';
import { connectSdk, messageOf } from '../sdk.ts';

/** More than the table has; another one for each query, so that each is a new one. */
const LIMIT = 10_000_000;

/** The SDK, from supabase-js to a subscriber of the query's store. */
export async function liveQuery(): Promise<Keeper> {
  const { realtime, channel, answerReads, receive, paint } = await connectSdk();
  let query: LiveQuery<ChallengeRow> | undefined;
  let unsubscribe = (): void => undefined;
  let loads = 0;
  let told = 0;
  return {
    async load(pages) {
      answerReads(pages);
      const made = realtime.live({ channel, table: TABLE, orderBy: { column: ORDER_COLUMN, ascending: false }, limit: LIMIT + (loads += 1), reconcileMs: Infinity });
      await new Promise<void>((resolve) => {
        unsubscribe = made.store.subscribe(() => {
          told += 1;
          if (made.store.get().status === 'live') resolve();
        });
      });
      query = made;
    },
    arrival(change) {
      const message = messageOf(change);
      return () => { receive(message); };
    },
    frame() {
      const before = told;
      paint();
      if (told === before) throw new Error('a frame showed nothing new');
    },
    rows: () => query?.store.get().rows ?? [],
    unload: () => { unsubscribe(); },
  };
}
