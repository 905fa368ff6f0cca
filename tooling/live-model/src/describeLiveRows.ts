import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApp, type App, type AppOptions, type Sign } from './app.ts';
import { stepsOf, type Scope } from './commands.ts';
import type { Driver } from './driver.ts';
import type { VirtualTime } from './virtualTime.ts';
import { openWorld, type World } from './world.ts';

/** How long an app may take to be live again once nothing stands in its way, in ms: a socket that is silently dead is given up within 30 s, retries come within 30 s. */
const LIVE_WITHIN_MS = 120_000;
/** How long a socket that is silently dead may seem alive, in ms. */
const GIVEN_UP_WITHIN_MS = 30_000;
/** What a comparison with the table takes beside its requests, in ms: it waits a second for changes that are on their way. */
const COMPARISON_MS = 1_500;
/** Real time for a run, in ms, on a busy machine. */
const PATIENCE_MS = 3_000;

/** To play a run again, and look for the shortest like it: the seed and the path that a failure told. */
const replay = { seed: process.env['SEED'], path: process.env['SEED_PATH'] ?? '' };

/**
 * The model of live rows: any commands, then quiet, then what the screen shows is compared with SQL.
 * @param load - gives the way that rows come to the screen, once there is a page.
 * @param numRuns - without and with a change log; half as many of a third kind.
 */
export function describeLiveRows(name: string, load: () => Promise<{ driver: Driver }>, numRuns: number): void {
  describe(`live rows in ${name}`, () => {
    let world: World;
    let driver: Driver;
    beforeAll(async () => {
      world = await openWorld();
      ({ driver } = await load());
    }, 180_000);
    afterAll(() => world.close());

    const check = (scope: Scope, options: AppOptions & { numRuns: number }, ending: (app: App, world: World, sign: Sign) => Promise<void>): Promise<void> =>
      fc.assert(
        fc.asyncProperty(stepsOf(scope), fc.constantFrom<Sign[]>('socket', 'replication'), async (steps, sign) => {
          const app = await openApp(world, driver, options);
          try {
            for (const step of steps) await app.perform(step);
            await app.quiet();
            await ending(app, world, sign);
          } catch (cause) {
            throw new Error(`wrong after this:\n${app.journal.tell()}`, { cause });
          } finally {
            await app.close();
          }
        }),
        { numRuns: options.numRuns, endOnFailure: replay.seed === undefined, ...(replay.seed !== undefined && { seed: Number(replay.seed), path: replay.path }) },
      );

    test(
      'R2, R4, R5: after any commands and then quiet, rows equal what SQL gives within one reconcile interval',
      () => check('any', { hasLog: false, compares: true, numRuns }, rightWithinInterval),
      numRuns * PATIENCE_MS,
    );
    test(
      'R2, R4, R5: with the change log, rows equal what SQL gives as soon as they are live after a sign of loss',
      () => check('written', { hasLog: true, compares: false, numRuns }, rightAtOnce),
      numRuns * PATIENCE_MS,
    );
    test(
      'R2: where the app is told of every loss, rows equal what SQL gives without any comparison',
      () => check('told', { hasLog: false, compares: false, numRuns: Math.ceil(numRuns / 2) }, rightAlready),
      numRuns * PATIENCE_MS,
    );
  });
}

/**
 * The interval begins when nothing from before the quiet is on its way any more, or when a list is live after that. A list
 * that is right may be wrong again before its interval is over, so all have to be right at once.
 */
async function rightWithinInterval({ lists, tasks, isStill }: App, { time }: World): Promise<void> {
  await time.pass(GIVEN_UP_WITHIN_MS, isStill);
  const began = Date.now();
  const watched = await Promise.all(lists.map(async (list) => ({ ...list, expected: { status: 'live', rows: await tasks(list.sql) }, liveSince: began })));
  const isRight = ({ screen, expected }: (typeof watched)[number]): boolean => JSON.stringify(screen.read()) === JSON.stringify(expected);
  const isOver = ({ liveSince, reconcileMs }: (typeof watched)[number]): boolean => Date.now() > liveSince + reconcileMs + COMPARISON_MS;
  await time.pass(LIVE_WITHIN_MS, () => {
    for (const one of watched) if (one.screen.read().status !== 'live') one.liveSince = Date.now();
    return watched.every(isRight) || watched.some((one) => isOver(one) && !isRight(one));
  });
  for (const { screen, expected } of watched) expect(screen.read()).toEqual(expected);
}

/** The first time that a list says it is live after the sign: no regular comparison comes to its help. */
async function rightAtOnce(app: App, { time }: World, sign: Sign): Promise<void> {
  await app.alarm(sign);
  await rightWhenLive(app, app.lists, time);
}

/** Once a socket that is silently dead has been given up: what follows a gap is read once, and the stream tells the rest. */
async function rightAlready(app: App, { time }: World): Promise<void> {
  await time.pass(GIVEN_UP_WITHIN_MS);
  await rightWhenLive(app, app.lists.filter(({ isTold }) => isTold), time);
}

async function rightWhenLive({ tasks }: App, lists: App['lists'], time: VirtualTime): Promise<void> {
  for (const { screen, sql } of lists) {
    await time.pass(LIVE_WITHIN_MS, () => screen.read().status === 'live');
    expect(screen.read()).toEqual({ status: 'live', rows: await tasks(sql) });
  }
}
