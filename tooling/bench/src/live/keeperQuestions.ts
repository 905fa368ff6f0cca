import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { KeeperName } from './keepers.ts';

/** How many changes come between two frames, and whether the list is then read as an array. */
export interface Pace {
  perFrame: number;
  reads: boolean;
}

/** What a keeper's process is told to do. */
export type Question = { do: 'load' } | { do: 'changes'; pace: Pace } | { do: 'check' };
/** µs; of a check what is wrong, or null. */
export type Answer = number | string | null;

/** A keeper in a process of its own, so that no side is compiled for, or collects the garbage of, another. */
export interface RunningKeeper {
  /** CPU time to load all rows anew, in µs. */
  load(): Promise<number>;
  /** CPU time of a change, in µs. */
  changes(pace: Pace): Promise<number>;
  /** Ends the process. Rejects when the list is not what it should be. */
  end(): Promise<void>;
}

/** Starts a keeper of a table of `size` rows. */
export async function startKeeper(name: KeeperName, size: number): Promise<RunningKeeper> {
  const child = fork(fileURLToPath(new URL('./keeperProcess.ts', import.meta.url)), [name, String(size)]);
  const exit = once(child, 'exit').then(([code]) => { throw new Error(`${name} of ${String(size)} rows ended with ${String(code)}`); });
  exit.catch(() => undefined);
  const heard = async (): Promise<Answer> => ((await Promise.race([once(child, 'message'), exit])) as [Answer])[0]; // what it sends
  const ask = (question: Question): Promise<Answer> => {
    const answer = heard();
    child.send(question);
    return answer;
  };
  const number = async (question: Question): Promise<number> => Number(await ask(question));
  await heard();
  return {
    load: () => number({ do: 'load' }),
    changes: (pace) => number({ do: 'changes', pace }),
    async end() {
      const wrong = await ask({ do: 'check' });
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      if (wrong !== null) throw new Error(`${name}: ${String(wrong)}`);
    },
  };
}
