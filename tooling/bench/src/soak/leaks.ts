import type { Line } from '../report.ts';
import { startBackend, type Backend } from './backend.ts';
import { ours, raw, type Subject, type SubjectOptions } from './subjects.ts';

/** What the first rounds leave behind is the cost of being there; what the others leave is a leak. */
const FIRST_ROUNDS = 10;
const RECONNECTS = Number(process.env.SOAK_RECONNECTS ?? 10_000);
const CYCLES = Number(process.env.SOAK_CYCLES ?? 1_500);
/** Growth below this is noise of the heap, in kB. */
const NOISE_KB = 512;

interface Growth {
  handlers: number;
  channels: number;
  timers: number;
  heapKb: number;
  msPerRound: number;
}

/** A channel that is held while its socket is cut again and again. */
export async function reconnects(): Promise<Line[]> {
  return compare(`${RECONNECTS.toLocaleString('en')} reconnects`, RECONNECTS, async (subject) => {
    subject.subscribe();
    await subject.live();
    return async () => {
      subject.rest();
      const lost = subject.joins.length;
      subject.cut();
      while (subject.joins.length === lost) await new Promise(setImmediate);
      await subject.live();
    };
  });
}

/** A channel that is subscribed to and let go again and again. */
export async function cycles(): Promise<Line[]> {
  return compare(`${CYCLES.toLocaleString('en')} subscriptions`, CYCLES, (subject) =>
    Promise.resolve(async () => {
      subject.rest();
      subject.subscribe();
      await subject.live();
      await subject.unsubscribe();
    }),
  );
}

async function compare(what: string, rounds: number, begin: (subject: Subject) => Promise<() => Promise<void>>): Promise<Line[]> {
  const backend = await startBackend();
  try {
    const grown = { ours: await growth(ours, backend, rounds, begin), floor: await growth(raw, backend, rounds, begin) };
    const line = (name: keyof Growth, unit: string, noise: number, limit: Line['limit']): Line => {
      const [mine, theirs] = [grown.ours[name], grown.floor[name]];
      return { goal: 'C9', what: `${what}: ${name}`, unit, ours: mine, floor: theirs, ratio: Math.max(0, mine) / Math.max(noise, theirs), limit };
    };
    return [
      line('handlers', 'more', 1, { atMost: 0 }),
      line('channels', 'more', 1, { atMost: 0 }),
      line('timers', 'more', 1, { atMost: 0 }),
      line('heapKb', 'kB more', NOISE_KB, { atMost: 2 }),
      line('msPerRound', 'ms', Number.EPSILON, null),
    ];
  } finally {
    await backend.close();
  }
}

async function growth(create: (backend: Backend, options: SubjectOptions) => Subject, backend: Backend, rounds: number, begin: (subject: Subject) => Promise<() => Promise<void>>): Promise<Growth> {
  const subject = create(backend, { eager: true });
  const round = await begin(subject);
  for (let n = 0; n < FIRST_ROUNDS; n += 1) await round();
  const [before, heapBefore, began] = [subject.counts(), await heapKb(), performance.now()];
  for (let n = FIRST_ROUNDS; n < rounds; n += 1) await round();
  const tookMs = performance.now() - began;
  const [after, heapAfter] = [subject.counts(), await heapKb()];
  await subject.close();
  return {
    handlers: after.handlers - before.handlers,
    channels: after.channels - before.channels,
    timers: after.timers - before.timers,
    heapKb: heapAfter - heapBefore,
    msPerRound: tookMs / (rounds - FIRST_ROUNDS),
  };
}

/** The heap after garbage collection, twice, since finalisers run in between. */
async function heapKb(): Promise<number> {
  for (let times = 0; times < 2; times += 1) {
    globalThis.gc?.();
    await new Promise(setImmediate);
  }
  return process.memoryUsage().heapUsed / 1_024;
}
