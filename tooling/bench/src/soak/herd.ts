import { percentile } from '../measure.ts';
import type { Line } from '../report.ts';
import { startBackend, type Backend } from './backend.ts';
import { ours, raw, type Subject, type SubjectOptions } from './subjects.ts';

const CLIENTS = Number(process.env.SOAK_CLIENTS ?? 1_000);
/** Clients that connect side by side at the beginning, which is not what is measured. */
const AT_ONCE = 25;
/** What Supabase allows a project, all its clients together. */
const JOINS_PER_SECOND = 100;
const DOWN_MS = 3_000;

interface Return {
  /** Most joins in a second of the clock. */
  peak: number;
  medianMs: number;
  lastMs: number;
}

/** A thousand clients whose server restarts: how hard they knock, and when they are back. */
export async function herd(): Promise<Line[]> {
  const lines: Line[] = [];
  for (const graceful of [true, false]) {
    const what = `${CLIENTS.toLocaleString('en')} clients, ${graceful ? 'announced' : 'unannounced'} restart`;
    const [mine, theirs] = [await comeBack(ours, graceful), await comeBack(raw, graceful)];
    const line = (name: keyof Return, unit: string, floor: number, limit: Line['limit']): Line => ({ goal: 'C2', what: `${what}: ${name}`, unit, ours: mine[name], floor, ratio: mine[name] / floor, limit });
    lines.push(
      line('peak', 'joins/s', theirs.peak, null),
      { ...line('peak', 'joins/s', JOINS_PER_SECOND, { atMost: 1 }), what: `${what}: peak against the limit` },
      line('medianMs', 'ms', theirs.medianMs, null),
      line('lastMs', 'ms', theirs.lastMs, null),
    );
  }
  return lines;
}

async function comeBack(create: (backend: Backend, options: SubjectOptions) => Subject, graceful: boolean): Promise<Return> {
  const backend = await startBackend();
  const joinedAt: number[] = [];
  const subjects = Array.from({ length: CLIENTS }, () => create(backend, { eager: false, isFull: false, onJoin: () => joinedAt.push(performance.now()) }));
  for (let first = 0; first < subjects.length; first += AT_ONCE) {
    await Promise.all(
      subjects.slice(first, first + AT_ONCE).map((subject) => {
        subject.subscribe();
        return subject.live();
      }),
    );
  }
  // Sockets that have been open for a while, as those of an app: a young one is not tried again at once.
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const known = subjects.map((subject) => subject.joins());
  joinedAt.length = 0;
  const began = performance.now();
  await backend.restart({ graceful, downMs: DOWN_MS });
  const backMs = await Promise.all(
    subjects.map(async (subject, index) => {
      while (subject.joins() === known[index]) await new Promise((resolve) => setTimeout(resolve, 10));
      await subject.live();
      return performance.now() - began;
    }),
  );
  const seconds = new Map<number, number>();
  for (const at of joinedAt) {
    const second = Math.floor((at - began) / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  await Promise.all(subjects.map((subject) => subject.close()));
  await backend.close();
  return { peak: Math.max(...seconds.values()), medianMs: percentile(backMs, 0.5), lastMs: percentile(backMs, 1) };
}
