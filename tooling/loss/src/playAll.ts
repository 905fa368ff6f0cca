import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RunResult } from './playRun.ts';
import type { RunOrder } from './runProcess.ts';

/** A run and what came of it. */
export interface PlayedRun extends RunResult {
  order: RunOrder;
  /** Whether it is played again, because the writer came too late for it to mean much. */
  again: boolean;
}

/** Further behind than this, in milliseconds, a run says little: the writer catches up, and everybody waits for the machine. */
export const LATE_MS = 500;
/** How often a run is played when the machine is busy. */
const MOST_TRIES = 2;

const PROCESS = fileURLToPath(new URL('./runProcess.ts', import.meta.url));

/** Plays the runs, so many at once, each in a process of its own; one whose writer came late once more. Tells of each as it ends. */
export async function playAll(orders: readonly RunOrder[], { parallel, verbose, onPlayed }: { parallel: number; verbose: boolean; onPlayed: (run: PlayedRun) => void }): Promise<PlayedRun[]> {
  const waiting = orders.map((order) => ({ order, tries: 1 }));
  const played: PlayedRun[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { order, tries } = next;
      const result = await playOne(order, verbose);
      const again = result.writerLateMs > LATE_MS && tries < MOST_TRIES;
      if (again) waiting.push({ order, tries: tries + 1 });
      const run = { order, again, ...result };
      played.push(run);
      onPlayed(run);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return played;
}

async function playOne(order: RunOrder, verbose: boolean): Promise<RunResult> {
  const output = verbose ? 'inherit' : 'ignore';
  const child = fork(PROCESS, { execArgv: ['--conditions', '@ruwad/source', '--import', 'tsx'], stdio: [output, output, output, 'ipc'] });
  child.send(order);
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the run of ${order.fault}, seed ${String(order.seed)}, ended early; --verbose shows why`)));
  const [result] = (await Promise.race([once(child, 'message'), ended])) as [RunResult]; // its only message
  ended.catch(() => undefined);
  return result;
}
