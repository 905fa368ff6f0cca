import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { contest } from '../measure.ts';
import { costLine, limitLine, rateLine, type Line } from '../report.ts';

const ROUNDS = 7;

/** Goals G1 (ingest) and G2 (validation) of the SDK. Each side runs in processes of its own, so that none is compiled for another. */
export function core(): Promise<{ cases: Record<string, () => Promise<Line[]>>; close: () => Promise<void> }> {
  return Promise.resolve({ cases: { ingest, validation }, close: () => Promise.resolve() });
}

async function ingest(): Promise<Line[]> {
  const measure = (side: string) => () => measureIn('ingestProcess', side);
  const against = (side: string) => contest({ ours: measure(side), floor: measure('raw'), rounds: ROUNDS });
  const subject = (what: string) => ({ goal: 'G1', what, unit: 'µs' });
  return [
    rateLine(subject('frame → subscriber, validation compiled'), await against('compiled'), 0.75),
    rateLine(subject('frame → subscriber, validation not compiled'), await against('plain'), 0.65),
  ];
}

async function validation(): Promise<Line[]> {
  const measure = (side: string, rows: string) => () => measureIn('validationProcess', side, rows);
  const against = (side: string, rows: string) => contest({ ours: measure(side, rows), floor: measure('byHand', rows), rounds: ROUNDS });
  const subject = (what: string) => ({ goal: 'G2', what, unit: 'µs' });
  return [
    costLine(subject('a valid row, compiled'), await against('compiled', 'valid'), 1.5),
    costLine(subject('a valid row, not compiled'), await against('plain', 'valid'), null),
    limitLine(subject('an invalid row, compiled'), await against('compiled', 'invalid'), { atMost: 12 }),
    limitLine(subject('an invalid row, not compiled'), await against('plain', 'invalid'), { atMost: 12 }),
  ];
}

async function measureIn(program: string, ...args: string[]): Promise<number> {
  const child = fork(fileURLToPath(new URL(`./${program}.ts`, import.meta.url)), args);
  const exit = once(child, 'exit');
  const [cost] = (await Promise.race([once(child, 'message'), exit.then(([code]) => { throw new Error(`${program} ${args.join(' ')} ended with ${String(code)}`); })])) as [number];
  await exit;
  return cost;
}
