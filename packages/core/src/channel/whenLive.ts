import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import type { Join } from '../wire/types.ts';
import type { JoinLoop } from './joinLoop.ts';

/** How long a command waits for its channel to become live, in ms. */
const COMMAND_WAIT_MS = 10_000;

/** The channel's join as soon as it is live. Rejects when the channel fails, is closed, or does not become live in time. */
export async function whenLive(loop: Pick<JoinLoop, 'store' | 'live'>, topic: string, clock: Clock): Promise<Join> {
  const now = liveOrThrow(loop, topic);
  if (now !== null) return now;
  let unsubscribe = (): void => undefined;
  const live = new Promise<Join>((resolve, reject) => {
    unsubscribe = loop.store.subscribe(() => {
      try {
        const join = liveOrThrow(loop, topic);
        if (join !== null) resolve(join);
      } catch (error) {
        reject(error as Error); // liveOrThrow throws nothing else
      }
    });
  });
  try {
    return await withTimeout(live, COMMAND_WAIT_MS, clock, () => new RealtimeError('channel/not-live', `"${topic}" did not become live within ${String(COMMAND_WAIT_MS)} ms`, { cause: loop.store.get().error }));
  } finally {
    unsubscribe();
  }
}

function liveOrThrow({ store, live }: Pick<JoinLoop, 'store' | 'live'>, topic: string): Join | null {
  const { status, error } = store.get();
  if (status === 'closed') throw new RealtimeError('client/disposed', `"${topic}" is closed; its client was disposed`);
  if (status === 'failed') throw new RealtimeError(error?.code ?? 'channel/closed', `"${topic}" is not live`, { cause: error });
  return live();
}
