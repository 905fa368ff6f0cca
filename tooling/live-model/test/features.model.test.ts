import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { openClient } from '../src/client.ts';
import { faults, stepsOf } from '../src/commands.ts';
import { deepRuns } from '../src/deep.ts';
import { rightWithinInterval } from '../src/endings.ts';
import { PLATFORM, platformSql, platformWrite, showFeatures } from '../src/features.ts';
import { replay } from '../src/replay.ts';
import { openWorld, type World } from '../src/world.ts';

/** Real time for a run, in ms, on a busy machine. */
const PATIENCE_MS = 5_000;
const numRuns = deepRuns({ usual: 30, deep: 1_000 });

let world: World;
beforeAll(async () => {
  world = await openWorld(PLATFORM);
}, 180_000);
afterAll(() => world.close());

test(
  "R4: after any writes and faults and then quiet, a person's comments, events, ideas, notifications and bookmarks equal what SQL gives within one reconcile interval",
  () =>
    fc.assert(
      fc.asyncProperty(stepsOf(fc.oneof({ weight: 3, arbitrary: platformWrite }, { weight: 2, arbitrary: faults })), async (steps) => {
        const client = await openClient(world, { hasLog: false });
        const lists = showFeatures(client.realtime);
        try {
          for (const { command, then } of steps) {
            client.journal.note('command', command, then);
            await (command.do === 'write' ? world.backend.sql(platformSql(command)) : client.strike(command));
            await client.pause(then);
          }
          await client.quiet();
          await rightWithinInterval(lists, client, world.time);
        } catch (cause) {
          throw new Error(`wrong after this:\n${client.journal.tell()}`, { cause });
        } finally {
          for (const { close } of lists) close();
          await client.close();
        }
      }),
      { numRuns, ...replay },
    ),
  numRuns * PATIENCE_MS,
);
