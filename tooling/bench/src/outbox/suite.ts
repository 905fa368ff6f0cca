import { launchProfile, servePage } from '@ruwad/browser';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contest, type Pair } from '../measure.ts';
import { costLine, rateLine, type Line } from '../report.ts';
import { cycles } from '../soak/leaks.ts';
import { reconnect, spread } from '../soak/returns.ts';
import type { Measure } from './page.ts';

const ROUNDS = 7;
/** Actions of one turn. */
const MANY = 100;
/** Enqueues whose median is one cost. */
const FEW = 41;

/**
 * G10. Its queue in Chromium, beside one that has a transaction for each operation. With a profile on the disk: without one
 * Chromium keeps databases in memory, and nothing is ever written through. Its reconnects in Node, beside supabase-js alone.
 */
export async function outbox(): Promise<{ cases: Record<string, () => Promise<Line[]>>; close: () => Promise<void> }> {
  const served = await servePage(fileURLToPath(new URL('./page.ts', import.meta.url)));
  const directory = await mkdtemp(join(tmpdir(), 'ruwad-bench-'));
  const browser = await launchProfile(directory);
  const page = await browser.newPage();
  await page.goto(served.url);
  const measure = (name: Measure) => (): Promise<number> => page.evaluate((wanted) => window.measures[wanted.name](wanted.count), { name, count: MANY });
  const against = (ours: Measure, floor: Measure) => contest({ ours: measure(ours), floor: measure(floor), rounds: ROUNDS });
  const behind = async (): Promise<Pair> => {
    const [ours, floor] = await page.evaluate(([count, many, few]) => window.behind(count, many, few), [FEW, 1_000, 10] as const);
    return { ours, floor };
  };
  const subject = (what: string) => ({ goal: 'G10', what, unit: 'ms' });

  return {
    cases: {
      enqueue: async () => [
        rateLine(subject(`${MANY} enqueued in one turn, beside a transaction for each`), await against('enqueue', 'putEach'), 4),
        rateLine(subject('the same beside transactions one after the other'), await against('enqueue', 'putInTurn'), null),
        rateLine(subject('the same beside transactions that a power cut may undo'), await against('enqueue', 'putEachRelaxed'), null),
      ],
      drain: async () => [
        rateLine(subject(`${MANY} that are done leave, beside a transaction for each`), await against('remove', 'deleteEach'), 10),
        rateLine(subject(`${MANY} enqueued, sent and answered at once, beside a transaction for each step`), await against('drain', 'drainEach'), null),
      ],
      backlog: async () => [
        costLine(subject('one more behind 1,000, beside one behind 10'), await repeated(behind), 1.3),
      ],
      reconnect,
      spread,
      cycles,
    },
    async close() {
      await browser.close();
      await served.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function repeated(round: () => Promise<Pair>): Promise<Pair[]> {
  await round(); // warms up
  const pairs: Pair[] = [];
  while (pairs.length < ROUNDS) pairs.push(await round());
  return pairs;
}
