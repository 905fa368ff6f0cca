import { expect } from 'vitest';
import type { Client } from './client.ts';
import type { VirtualTime } from './virtualTime.ts';

/** How long an app may take to be live again once nothing stands in its way, in ms: a socket that is silently dead is given up within 30 s, retries come within 30 s. */
const LIVE_WITHIN_MS = 120_000;
/** How long a socket that is silently dead may seem alive, in ms. */
const GIVEN_UP_WITHIN_MS = 30_000;
/** What a comparison with the table takes beside its requests, in ms: it waits a second for changes that are on their way. */
const COMPARISON_MS = 1_500;

/** A list on a screen, and the rows it should show. */
export interface Watched {
  read(): { readonly status: string; readonly rows: readonly unknown[] };
  readonly sql: string;
  /** How often it is compared with the table at least, in ms. */
  readonly reconcileMs: number;
}

/**
 * The interval begins when nothing from before the quiet is on its way any more, or when a list is live after that. A list
 * that is right may be wrong again before its interval is over, so all have to be right at once.
 */
export async function rightWithinInterval(lists: readonly Watched[], { rows, isStill }: Client, time: VirtualTime): Promise<void> {
  await time.pass(GIVEN_UP_WITHIN_MS, isStill);
  const began = Date.now();
  const watched = await Promise.all(lists.map(async (list) => ({ list, expected: { status: 'live', rows: await rows(list.sql) }, liveSince: began })));
  const isRight = ({ list, expected }: (typeof watched)[number]): boolean => JSON.stringify(list.read()) === JSON.stringify(expected);
  const isOver = ({ list, liveSince }: (typeof watched)[number]): boolean => Date.now() > liveSince + list.reconcileMs + COMPARISON_MS;
  await time.pass(LIVE_WITHIN_MS, () => {
    for (const one of watched) if (one.list.read().status !== 'live') one.liveSince = Date.now();
    return watched.every(isRight) || watched.some((one) => isOver(one) && !isRight(one));
  });
  for (const { list, expected } of watched) expect(list.read()).toEqual(expected);
}

/** The first time that a list says it is live: no regular comparison comes to its help. */
export async function rightWhenLive(lists: readonly Watched[], { rows }: Client, time: VirtualTime): Promise<void> {
  for (const list of lists) {
    await time.pass(LIVE_WITHIN_MS, () => list.read().status === 'live');
    expect(list.read()).toEqual({ status: 'live', rows: await rows(list.sql) });
  }
}

/** Once a socket that is silently dead has been given up: what follows a gap is read once, and the stream tells the rest. */
export async function rightAlready(lists: readonly Watched[], client: Client, time: VirtualTime): Promise<void> {
  await time.pass(GIVEN_UP_WITHIN_MS);
  await rightWhenLive(lists, client, time);
}
