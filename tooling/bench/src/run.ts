import { parseArgs } from 'node:util';
import { changeLog } from './changeLog/suite.ts';
import { core } from './core/suite.ts';
import { devserver } from './devserver/suite.ts';
import { live } from './live/suite.ts';
import { outbox } from './outbox/suite.ts';
import { size } from './size/suite.ts';
import { soak } from './soak/suite.ts';
import { holds, machine, tableOf, type Line } from './report.ts';

/** Cases by name; each measures its lines by itself. */
type Suite = Readonly<Record<string, () => Promise<Line[]>>>;

const SUITES: Readonly<Record<string, () => Promise<{ cases: Suite; close: () => Promise<void> }>>> = { core, devserver, soak, live, outbox, size, changelog: changeLog };

const USAGE = `pnpm bench <suite> [case …]

Suites: ${Object.keys(SUITES).join(', ')}. Without cases all of the suite run. Ends with 1 when a goal does not hold.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } });
  const [name = '', ...wanted] = positionals;
  const open = SUITES[name];
  if (values.help === true || open === undefined) {
    console.log(USAGE);
    return values.help === true ? 0 : 2;
  }
  console.log(machine());
  const { cases, close } = await open();
  try {
    const unknown = wanted.filter((each) => !Object.hasOwn(cases, each));
    if (unknown.length > 0) {
      console.log(`no case is called ${unknown.join(', ')}; there are ${Object.keys(cases).join(', ')}`);
      return 2;
    }
    const lines: Line[] = [];
    for (const [label, measure] of Object.entries(cases)) {
      if (wanted.length > 0 && !wanted.includes(label)) continue;
      console.log(`measuring ${label} …`);
      lines.push(...(await measure()));
    }
    console.log(`\n${tableOf(lines)}\n`);
    const missed = lines.filter((line) => !holds(line));
    console.log(missed.length === 0 ? 'Every goal holds.' : `${missed.length} of ${lines.length} lines do not hold.`);
    return missed.length === 0 ? 0 : 1;
  } finally {
    await close();
  }
}
