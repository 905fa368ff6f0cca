import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Difference } from './compare.ts';
import { openLaboratory } from './laboratory.ts';
import { readReasons } from './reasons.ts';
import { readRecording } from './recording.ts';
import { replay } from './replay.ts';

const USAGE = `Replays recordings of the real Supabase Realtime server against the dev server.

  --recordings <dir>   folder of *.jsonl [conformance/recordings]
  --only <text>        only recordings whose name contains this
  --verbose            show what differs
  --jobs <n>           servers at work side by side [2]`;

/** Time runs ten times as fast as recorded: 66 s of silence take 6.6 s. */
const TIME_SCALE = 0.1;
/** Delays and rates run by the machine's clock: on one that is too busy a replay may come apart. It is done again, and the table says so. */
const ATTEMPTS = 3;
/** Differences shown of one recording. */
const SHOWN = 20;

const { values } = parseArgs({
  options: {
    recordings: { type: 'string', default: fileURLToPath(new URL('./recordings', import.meta.url)) },
    only: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});

// A package script runs in its package; the folder was named where pnpm was called.
const folder = resolve(process.env.INIT_CWD ?? '.', values.recordings);

if (values.help) console.log(USAGE);
else process.exitCode = await main();

interface Result {
  name: string;
  differences: Difference[];
  notes: string[];
  attempts: number;
  ms: number;
}

async function main(): Promise<number> {
  const reasonFor = await readReasons(new URL('../CONFORMANCE.md', import.meta.url));
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl') && name.includes(values.only)).sort();
  const results = new Map<string, Result>();
  const queue = [...files];
  const jobs = Math.max(1, Math.min(Number(values.jobs) || 1, files.length));
  await Promise.all(Array.from({ length: jobs }, () => work(queue, results)));
  const unexplained = report(files.flatMap((file) => results.get(file) ?? []), reasonFor);
  return unexplained === 0 && files.length > 0 ? 0 : 1;
}

/** Takes recordings off the queue and replays them on one server. */
async function work(queue: string[], results: Map<string, Result>): Promise<void> {
  let laboratory = await openLaboratory({ recordings: folder, timeScale: TIME_SCALE });
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const started = performance.now();
    try {
      const recording = await readRecording(join(folder, file));
      let attempts = 0;
      let outcome: Pick<Result, 'differences' | 'notes'>;
      do {
        attempts += 1;
        await laboratory.reset(recording);
        outcome = await replay(recording, laboratory, TIME_SCALE);
      } while (outcome.differences.length > 0 && attempts < ATTEMPTS);
      results.set(file, { name: recording.name, ...outcome, attempts, ms: performance.now() - started });
    } catch (error) {
      // Whatever it left behind must not fail the recordings after it.
      results.set(file, { name: basename(file, '.jsonl'), differences: [{ where: file, what: 'missing', frame: 'all of it: the replay failed' }], notes: [String(error)], attempts: 1, ms: performance.now() - started });
      await laboratory.close();
      laboratory = await openLaboratory({ recordings: folder, timeScale: TIME_SCALE });
    }
  }
  await laboratory.close();
}

/** Prints the table; returns how many recordings fail without a reason or hold in spite of one. */
function report(results: Result[], reasonFor: (name: string) => string | undefined): number {
  let unexplained = 0;
  for (const { name, differences, notes, attempts, ms } of results) {
    const holds = differences.length === 0;
    const reason = reasonFor(name);
    if (holds === (reason !== undefined)) unexplained += 1;
    const verdict = holds ? 'holds' : 'differs';
    const again = attempts > 1 ? `at attempt ${attempts}` : '';
    const why = holds ? (reason === undefined ? again : 'holds, but CONFORMANCE.md has a reason why it would not') : (reason ?? 'no reason in CONFORMANCE.md');
    console.log(`${name.padEnd(46)} ${verdict.padEnd(8)} ${(ms / 1000).toFixed(1).padStart(5)} s  ${why}`.trimEnd());
    if (!holds && reason === undefined) for (const note of notes) console.log(`    ${note}`);
    if (values.verbose && !holds) printDetails(differences);
  }
  console.log(`conformance: ${results.filter(({ differences }) => differences.length === 0).length} of ${results.length} recordings hold`);
  return unexplained;
}

function printDetails(differences: Difference[]): void {
  for (const { where, what, frame } of differences.slice(0, SHOWN)) console.log(`    ${what.padEnd(12)} ${where}\n      ${frame.slice(0, 600)}`);
  if (differences.length > SHOWN) console.log(`    … and ${differences.length - SHOWN} more`);
}
