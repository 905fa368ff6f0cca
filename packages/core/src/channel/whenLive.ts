import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import type { Join } from '../wire/types.ts';
import type { JoinLoop } from './joinLoop.ts';

/** How long a command waits for its channel to become live, in ms. */
const COMMAND_WAIT_MS = 10_000;

/** The channel's join as soon as it is live. Rejects when the channel fails, is closed, or does not become live in time. */
export async function whenLive(loop: Pick<JoinLoop, 'store' | 'live'>, topic: string, clock: Clock): Promise<Join> {
  let unsubscribe = (): void => undefined;
  const live = new Promise<Join>((resolve, reject) => {
    const check = (): void => {
      const failure = failureOf(loop, topic);
      const join = loop.live();
      if (failure !== null) reject(failure);
      else if (join !== null) resolve(join);
    };
    unsubscribe = loop.store.subscribe(check);
    check();
  });
  const tooLate = (): RealtimeError =>
    new RealtimeError('channel/not-live', `"${topic}" did not become live within ${String(COMMAND_WAIT_MS)} ms`, { cause: loop.store.get().error });
  try {
    return await withTimeout(live, COMMAND_WAIT_MS, clock, tooLate);
  } finally {
    unsubscribe();
  }
}

function failureOf({ store }: Pick<JoinLoop, 'store'>, topic: string): RealtimeError | null {
  const { status, error } = store.get();
  if (status === 'closed') return new RealtimeError('client/disposed', `"${topic}" is closed; its client was disposed`);
  if (status === 'disconnected') return new RealtimeError('connection/disconnected', `"${topic}" is not live; the app closed the connection`);
  if (status === 'failed') return new RealtimeError(error?.code ?? 'channel/closed', `"${topic}" is not live`, { cause: error });
  return null;
}
