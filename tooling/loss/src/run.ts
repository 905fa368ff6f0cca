import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { FAULTS } from './faults.ts';
import { writePages } from './pages.ts';
import { playAll } from './playAll.ts';
import { delayOf, LEGEND, lineOf, oursIsCheap, oursIsRight, percent, shareOfOurs, tableOf, type Report } from './report.ts';
import { SUBJECTS } from './subjects/all.ts';
import { versionsOf } from './versions.ts';

const USAGE = `pnpm loss [fault …] [options]

Rows lost or wrong after faults: ours beside patterns of plain supabase-js and other libraries. Ends with 1 when a row of
ours is wrong, or when all faults together cost ours more than a tenth of the HTTP bytes of a full fetch every 5 s.

  --subjects a,b     some of: ${SUBJECTS.map(({ name }) => name).join(', ')}
  --seeds 3          how many seeds
  --seed 1           the first of them
  --patience 45      seconds that a run goes on after the last write; rows that are wrong then are lost
  --parallel 3       runs at once
  --markdown         write docs/loss.md and the table of the README
  --verbose          show what the libraries print

Faults: ${FAULTS.map(({ name }) => name).join(', ')}. Without names all of them run.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      subjects: { type: 'string' },
      seeds: { type: 'string', default: '3' },
      seed: { type: 'string', default: '1' },
      patience: { type: 'string', default: '45' },
      parallel: { type: 'string', default: '3' },
      markdown: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const faults = chosen(FAULTS, positionals);
  const subjects = chosen(SUBJECTS, values.subjects?.split(',') ?? []);
  const [seeds, first, patience, parallel] = [values.seeds, values.seed, values.patience, values.parallel].map(Number);
  if (values.help || faults === null || subjects === null || !isCount(seeds) || !isCount(first) || !isCount(patience) || !isCount(parallel)) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const seedList = Array.from({ length: seeds }, (_, index) => first + index);
  // A seed after the other, so that a run that is stopped has seen every fault.
  const orders = seedList.flatMap((seed) => faults.map((fault) => ({ fault: fault.name, seed, subjects: subjects.map(({ name }) => name), patienceMs: patience * 1_000 })));
  console.log(`${String(orders.length)} runs of ${String(subjects.length)} subjects, seeds ${seedList.join(', ')}`);
  let done = 0;
  let total = orders.length;
  const runs = await playAll(orders, { parallel, verbose: values.verbose, onPlayed: (run) => console.log(`[${String((done += 1))}/${String((total += run.again ? 1 : 0))}] ${lineOf(run)}`) });

  const report = { faults, subjects, runs };
  const text = textOf(report, seedList, patience);
  console.log(`\n${text}`);
  if (values.markdown) writePages(text);
  const [right, share] = [oursIsRight(report), shareOfOurs(report)];
  console.log(`Ours was ${right ? 'right' : 'NOT right'} in every run${share === null ? '' : `, at ${percent(share)} of the HTTP bytes of a full fetch`}.`);
  // A fault alone may cost more; what the goal is about are all of them.
  return right && (faults.length < FAULTS.length || oursIsCheap(report)) ? 0 : 1;
}

function textOf(report: Report, seeds: readonly number[], patience: number): string {
  const date = new Date().toISOString().slice(0, 10);
  return [
    tableOf(report),
    LEGEND,
    `${date}; Node ${process.version}, ${String(cpus().length)} cores; seeds ${seeds.join(', ')}; rows had ${String(patience)} s to become right; ${delayOf(report)}. ${versionsOf(report.subjects)}.`,
  ].join('\n\n');
}

/** Those that were named, all when none was, or `null` when a name is unknown. */
function chosen<T extends { name: string }>(all: readonly T[], names: readonly string[]): readonly T[] | null {
  if (names.some((name) => !all.some((each) => each.name === name))) return null;
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value > 0;
}
