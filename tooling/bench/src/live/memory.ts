import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { costLine, type Line } from '../report.ts';

const ROUNDS = 3;

/** What 100,000 live rows hold of the heap after 100,000 changes, beside the rows alone; each in a fresh process. */
export async function memory(): Promise<Line[]> {
  const pairs = [];
  for (let round = 0; round < ROUNDS; round += 1) pairs.push({ ours: await heapOf('liveQuery'), floor: await heapOf('rows') });
  return [costLine({ goal: '', what: '100,000 rows after 100,000 changes, beside the rows alone', unit: 'MB' }, pairs, 2)];
}

async function heapOf(side: 'liveQuery' | 'rows'): Promise<number> {
  const child = fork(fileURLToPath(new URL('./memoryProcess.ts', import.meta.url)), [side]);
  const exit = once(child, 'exit').then(([code]) => { throw new Error(`the heap of ${side} was not measured: ${String(code)}`); });
  const [bytes] = (await Promise.race([once(child, 'message'), exit])) as [number]; // all it sends
  await exit.catch(() => undefined);
  return bytes / 1e6;
}
