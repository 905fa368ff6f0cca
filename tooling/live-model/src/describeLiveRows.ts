import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { openApp, type App, type AppOptions } from './app.ts';
import type { Sign } from './client.ts';
import { commandsOf, stepsOf, type Scope } from './commands.ts';
import type { Driver } from './driver.ts';
import { rightAlready, rightWhenLive, rightWithinInterval } from './endings.ts';
import { replay } from './replay.ts';
import { TASKS } from './tasks.ts';
import { openWorld, type World } from './world.ts';

/** Real time for a run, in ms, on a busy machine. */
const PATIENCE_MS = 3_000;

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
      world = await openWorld(TASKS);
      ({ driver } = await load());
    }, 180_000);
    afterAll(() => world.close());

    const check = (scope: Scope, options: AppOptions & { numRuns: number }, ending: (app: App, sign: Sign) => Promise<void>): Promise<void> =>
      fc.assert(
        fc.asyncProperty(stepsOf(commandsOf(scope)), fc.constantFrom<Sign[]>('socket', 'replication'), async (steps, sign) => {
          const app = await openApp(world, driver, options);
          try {
            for (const step of steps) await app.perform(step);
            await app.quiet();
            await ending(app, sign);
          } catch (cause) {
            throw new Error(`wrong after this:\n${app.journal.tell()}`, { cause });
          } finally {
            await app.close();
          }
        }),
        { numRuns: options.numRuns, ...replay },
      );

    test(
      'R2, R4, R5: after any commands and then quiet, rows equal what SQL gives within one reconcile interval',
      () => check('any', { hasLog: false, compares: true, numRuns }, (app) => rightWithinInterval(app.lists, app, world.time)),
      numRuns * PATIENCE_MS,
    );
    test(
      'R2, R4, R5: with the change log, rows equal what SQL gives as soon as they are live after a sign of loss',
      () =>
        check('written', { hasLog: true, compares: false, numRuns }, async (app, sign) => {
          await app.alarm(sign);
          await rightWhenLive(app.lists, app, world.time);
        }),
      numRuns * PATIENCE_MS,
    );
    test(
      'R2: where the app is told of every loss, rows equal what SQL gives without any comparison',
      () => check('told', { hasLog: false, compares: false, numRuns: Math.ceil(numRuns / 2) }, (app) => rightAlready(app.lists.filter(({ isTold }) => isTold), app, world.time)),
      numRuns * PATIENCE_MS,
    );
  });
}
