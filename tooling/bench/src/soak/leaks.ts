import { median } from '../measure.ts';
import type { Line } from '../report.ts';
import { startBackend, type Backend } from './backend.ts';
import { Scale, weigh } from './scale.ts';
import { ours, raw, type Subject, type SubjectOptions } from './subjects.ts';

/** What the first rounds leave behind is the cost of being there; what the others leave is a leak. */
const FIRST_ROUNDS = 10;
const RECONNECTS = Number(process.env.SOAK_RECONNECTS ?? 10_000);
const CYCLES = Number(process.env.SOAK_CYCLES ?? 1_500);
/** A round that leaves less than this is not what leaves it: a tenth of an object, and as many bytes as the smallest object takes. */
const FLAT = { objects: 0.1, heapBytes: 16 };
/** The weight of a heap is known to some hundred kilobytes, which so many rounds make small. */
const ROUNDS_TO_WEIGH = 10_000;

/** A heap that grew by less is not told from one that did not. */
const HEAP_NOISE_KB = 100;

/** What the rounds after the first left. */
interface Growth {
  handlers: number;
  channels: number;
  timers: number;
  /** By the second half. */
  perRound: { objects: number; heapBytes: number };
  /** After the first rounds, then all along the second half. */
  objects: number[];
  heapKb: number[];
  msPerRound: number;
}

/** Makes a subject ready for rounds, and returns what one round is. */
type Begin = (subject: Subject) => Promise<() => Promise<void>>;

/** A channel that is held while its socket is cut again and again. */
export async function reconnects(): Promise<Line[]> {
  const { lines } = await compare('reconnects', RECONNECTS, async (subject) => {
    subject.subscribe();
    await subject.live();
    return async () => {
      subject.rest();
      const lost = subject.joins();
      subject.cut();
      while (subject.joins() === lost) await new Promise(setImmediate);
      await subject.live();
    };
  });
  return lines;
}

/** A channel that is subscribed to and let go again and again. */
export async function cycles(): Promise<Line[]> {
  const { lines, growth } = await compare('subscriptions', CYCLES, (subject) =>
    Promise.resolve(async () => {
      subject.rest();
      subject.subscribe();
      await subject.live();
      await subject.unsubscribe();
    }),
  );
  const [mine, theirs] = [heapGrownKb(growth.ours), heapGrownKb(growth.floor)];
  const ratio = Math.max(HEAP_NOISE_KB, mine) / Math.max(HEAP_NOISE_KB, theirs);
  return [{ goal: 'G10', what: `${CYCLES.toLocaleString('en')} subscriptions: heap, as of ${HEAP_NOISE_KB} kB`, unit: 'kB more', ours: mine, floor: theirs, ratio, limit: { atMost: 2 } }, ...lines];
}

/** From after the first rounds to the second half: to the median of its weighings, since one alone is off by a hundred kilobytes. */
function heapGrownKb({ heapKb: [first = Number.NaN, ...rest] }: Growth): number {
  return median(rest) - first;
}

async function compare(rounds: string, count: number, begin: Begin): Promise<{ lines: Line[]; growth: { ours: Growth; floor: Growth } }> {
  const what = `${count.toLocaleString('en')} ${rounds}`;
  const backend = await startBackend();
  try {
    const grown = { ours: await leftBy(ours, backend, count, begin), floor: await leftBy(raw, backend, count, begin) };
    console.log(`${what}, after the first ten and then from the middle to the end`);
    for (const [name, { objects, heapKb }] of [['ours', grown.ours], ['supabase-js', grown.floor]] as const) console.log(`  ${name}: objects ${objects.join(' ')}; heap in kB ${heapKb.join(' ')}`);
    const line = (about: string, unit: string, of: (growth: Growth) => number, limit: Line['limit']): Line => {
      const [mine, theirs] = [of(grown.ours), of(grown.floor)];
      return { goal: 'C9', what: `${what}: ${about}`, unit, ours: mine, floor: theirs, ratio: Math.max(0, mine) / Math.max(1, theirs), limit };
    };
    /** Against what counts as nothing, and not against supabase-js. */
    const flat = (about: keyof typeof FLAT, unit: string, isLimit: boolean): Line => ({
      ...line(`${about}, against ${FLAT[about]}`, unit, ({ perRound }) => perRound[about], isLimit ? { atMost: 1 } : null),
      ratio: Math.max(0, grown.ours.perRound[about]) / FLAT[about],
    });
    const lines = [
      line('handlers', 'more', ({ handlers }) => handlers, { atMost: 0 }),
      line('channels', 'more', ({ channels }) => channels, { atMost: 0 }),
      line('timers', 'more', ({ timers }) => timers, { atMost: 0 }),
      flat('objects', 'a round', true),
      flat('heapBytes', 'B a round', count >= ROUNDS_TO_WEIGH),
      line('time', 'ms a round', ({ msPerRound }) => msPerRound, null),
    ];
    return { lines, growth: grown };
  } finally {
    await backend.close();
  }
}

async function leftBy(create: (backend: Backend, options: SubjectOptions) => Subject, backend: Backend, rounds: number, begin: Begin): Promise<Growth> {
  const subject = create(backend, { eager: true, isFull: true });
  const round = await begin(subject);
  const scale = new Scale(rounds);
  for (let n = 0; n < FIRST_ROUNDS; n += 1) await round();
  const [before, first] = [subject.counts(), await weigh()];
  let tookMs = 0;
  for (let n = FIRST_ROUNDS; n < rounds; n += 1) {
    const began = performance.now();
    await round();
    tookMs += performance.now() - began;
    await scale.after(n + 1);
  }
  const after = subject.counts();
  await subject.close();
  return {
    handlers: after.handlers - before.handlers,
    channels: after.channels - before.channels,
    timers: (scale.all('timers').at(-1) ?? 0) - first.timers,
    perRound: { objects: scale.perRound('objects'), heapBytes: scale.perRound('heapBytes') },
    objects: [first.objects, ...scale.all('objects')],
    heapKb: [first.heapBytes, ...scale.all('heapBytes')].map((bytes) => Math.round(bytes / 1_024)),
    msPerRound: tookMs / (rounds - FIRST_ROUNDS),
  };
}
