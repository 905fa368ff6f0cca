import { RealtimeError } from '../errors.ts';
import { retryDelay } from '../lib/backoff.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';

/** After trouble the next sweep comes this much sooner; from then on the time doubles with every clean one. */
const TROUBLED_SHARE = 1 / 3;

/** Why everything is compared, from the least pressing. `sweep` is the regular look; `gap` follows a known gap; `whole` trusts nothing. */
type RepairKind = 'sweep' | 'gap' | 'whole';

const RANK: Readonly<Record<RepairKind, number>> = { sweep: 0, gap: 1, whole: 2 };

/** What is to be read next. */
export interface RepairWork {
  /** Compare everything. */
  repair: RepairKind | null;
  /** Keys of single rows to read again. */
  readonly rows: ReadonlySet<string>;
  /** Read on after the end. */
  readOn: boolean;
}

/** Parts of {@link createRepairLoop}. */
export interface RepairLoopParts {
  clock: Clock;
  random: () => number;
  /** Longest time between two sweeps, in ms. */
  reconcileMs: number;
  /** Does the work; `isCurrent` says whether its outcome still counts. Resolves to whether a sweep found differences. */
  perform: (work: RepairWork, isCurrent: () => boolean) => Promise<boolean>;
  onFailed: (error: RealtimeError, failures: number) => void;
}

/** Reads of one query: one at a time, tried again when they fail, and regularly. */
export interface RepairLoop {
  /** From now on there is a stream to add to; begins with a repair. */
  start(): void;
  /** Forgets all work; what is under way no longer counts. */
  stop(): void;
  readonly running: boolean;
  ask(work: { repair?: RepairKind; row?: string; readOn?: boolean }): void;
  /** Something is wrong with the stream: look again sooner. */
  trouble(): void;
}

/** Makes a loop that is not running. */
export function createRepairLoop({ clock, random, reconcileMs, perform, onFailed }: RepairLoopParts): RepairLoop {
  let running = false;
  /** Names the time since the last start; what belongs to an older one does not count. */
  let life = 0;
  let busy = false;
  let pending = noWork();
  let failures = 0;
  let retry: TimerHandle | undefined;
  let sweep: TimerHandle | undefined;
  let cleanSweeps = 0;

  const clear = (timer: TimerHandle | undefined): undefined => {
    if (timer !== undefined) clock.clearTimeout(timer);
    return undefined;
  };
  const scheduleSweep = (): void => {
    sweep = clear(sweep);
    if (!running || !Number.isFinite(reconcileMs)) return;
    const ms = Math.min(reconcileMs, reconcileMs * TROUBLED_SHARE * 2 ** cleanSweeps);
    // Jitter only shortens: rows are right within `reconcileMs`.
    sweep = clock.setTimeout(() => { ask({ repair: 'sweep' }); }, ms * (0.8 + 0.2 * random()));
  };
  const ask: RepairLoop['ask'] = ({ repair, row, readOn = false }) => {
    if (!running) return;
    if (repair !== undefined && (pending.repair === null || RANK[repair] > RANK[pending.repair])) pending.repair = repair;
    if (row !== undefined) pending.rows.add(row);
    pending.readOn ||= readOn;
    // In a moment, so that all who ask in one tick cause one read.
    const mine = life;
    void Promise.resolve().then(() => {
      if (mine === life && retry === undefined) void work();
    });
  };
  const work = async (): Promise<void> => {
    if (!running || busy || !hasWork(pending)) return;
    const mine = life;
    const doing = pending;
    pending = noWork();
    busy = true;
    try {
      const found = await perform(doing, () => mine === life);
      if (mine !== life) return;
      failures = 0;
      if (doing.repair !== null) {
        cleanSweeps = doing.repair === 'sweep' && !found ? cleanSweeps + 1 : 0;
        scheduleSweep();
      }
    } catch (cause) {
      if (mine !== life) return;
      failed(doing, cause instanceof RealtimeError ? cause : new RealtimeError('live/snapshot-failed', 'the rows could not be read', { cause }));
    }
    busy = false;
    if (retry === undefined) void work(); // not awaited: under steady changes the chain would have no end
  };
  const failed = (doing: RepairWork, error: RealtimeError): void => {
    onFailed(error, failures + 1);
    if (error.retryable) {
      retry = clock.setTimeout(() => {
        retry = undefined;
        void work();
      }, retryDelay((failures += 1), { random }));
      ask({ ...(doing.repair !== null && { repair: doing.repair }), readOn: doing.readOn });
      for (const row of doing.rows) ask({ row });
    }
  };

  return {
    get running() {
      return running;
    },
    start() {
      running = true;
      cleanSweeps = 0;
      ask({ repair: 'gap' });
    },
    stop() {
      running = false;
      life += 1;
      busy = false;
      pending = noWork();
      failures = 0;
      retry = clear(retry);
      sweep = clear(sweep);
    },
    ask(asked) {
      // A person who asks need not wait for the next try.
      if (asked.repair === 'whole') retry = clear(retry);
      ask(asked);
    },
    trouble() {
      if (cleanSweeps === 0) return;
      cleanSweeps = 0;
      if (sweep !== undefined) scheduleSweep();
    },
  };
}

function noWork(): RepairWork & { rows: Set<string> } {
  return { repair: null, rows: new Set(), readOn: false };
}

function hasWork({ repair, rows, readOn }: RepairWork): boolean {
  return repair !== null || rows.size > 0 || readOn;
}
