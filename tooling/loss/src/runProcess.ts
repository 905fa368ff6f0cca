/**
 * One run in a process of its own, so that nothing of one run is left in the next. Message in: a {@link RunOrder}. Message
 * out: its {@link RunResult}. What libraries print goes to standard error.
 */
import { FAULTS } from './faults.ts';
import { playRun, type RunResult, type Times } from './playRun.ts';
import { SUBJECTS } from './subjects/all.ts';

/** A run, by names. */
export interface RunOrder extends Times {
  fault: string;
  seed: number;
  subjects: readonly string[];
}

// A library that lets a rejection go unheard does not end the others' run.
process.on('unhandledRejection', (reason) => console.warn('unhandled:', reason));

// Whoever asked is gone.
process.once('disconnect', () => process.exit(1));

process.once('message', ({ fault: name, subjects, ...order }: RunOrder) => {
  const fault = FAULTS.find((each) => each.name === name);
  if (fault === undefined) throw new Error(`no fault is called ${name}`);
  void playRun({ ...order, fault, subjects: SUBJECTS.filter((each) => subjects.includes(each.name)) }).then((result: RunResult) => {
    // Libraries leave timers behind that would keep the process.
    process.send?.(result, undefined, undefined, () => process.exit(0));
  });
});
