import { RealtimeError } from '../errors.ts';
import { retryDelay } from '../lib/backoff.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';

/** The time between two glances, as a share of that between two sweeps. */
const GLANCE_SHARE = 1 / 3;
/** By how much a time may be shortened, so that clients do not look all at once. It is never made longer. */
const JITTER = 0.1;

/**
 * Why rows are read, from the least pressing. A `glance` is at what is recent, as long as there is trouble; a `sweep` is the
 * regular comparison of everything; a `gap` is one after changes are known to be missing; `whole` trusts nothing.
 */
type RepairKind = 'glance' | 'sweep' | 'gap' | 'whole';

const RANK: Readonly<Record<RepairKind, number>> = { glance: 0, sweep: 1, gap: 2, whole: 3 };

/** What is to be read next. */
export interface RepairWork {
  /** Look at more than single rows. */
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
  /** Does the work; once `signal` aborts, its outcome no longer counts. Resolves to whether it found differences. */
  perform: (work: RepairWork, signal: AbortSignal) => Promise<boolean>;
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
  /** Something is wrong with the stream: look soon at what is recent, and again while that finds something. */
  trouble(): void;
}

/** Makes a loop that is not running. */
export function createRepairLoop({ clock, random, reconcileMs, perform, onFailed }: RepairLoopParts): RepairLoop {
  let running = false;
  /** Ends with the time since the last start; what belongs to an older one does not count. */
  let life = new AbortController();
  let busy = false;
  let pending = noWork();
  let failures = 0;
  let retry: TimerHandle | undefined;
  let sweep: TimerHandle | undefined;
  let glance: TimerHandle | undefined;

  const clear = (timer: TimerHandle | undefined): undefined => {
    if (timer !== undefined) clock.clearTimeout(timer);
    return undefined;
  };
  const after = (ms: number, then: () => void): TimerHandle | undefined => (Number.isFinite(ms) ? clock.setTimeout(then, ms * (1 - JITTER + JITTER * random())) : undefined);
  const sweepLater = (): void => {
    clear(sweep);
    sweep = after(reconcileMs, () => { ask({ repair: 'sweep' }); });
  };
  const glanceSoon = (): void => {
    clear(glance);
    glance = after(reconcileMs * GLANCE_SHARE, () => { ask({ repair: 'glance' }); });
  };
  const ask: RepairLoop['ask'] = ({ repair, row, readOn = false }) => {
    if (!running) return;
    if (repair !== undefined && (pending.repair === null || RANK[repair] > RANK[pending.repair])) pending.repair = repair;
    if (row !== undefined) pending.rows.add(row);
    pending.readOn ||= readOn;
    // In a moment, so that all who ask in one tick cause one read.
    const { signal } = life;
    void Promise.resolve().then(() => {
      if (!signal.aborted && retry === undefined) void work();
    });
  };
  const work = async (): Promise<void> => {
    if (!running || busy || !hasWork(pending)) return;
    const { signal } = life;
    const doing = pending;
    pending = noWork();
    busy = true;
    try {
      const found = await perform(doing, signal);
      if (signal.aborted) return;
      failures = 0;
      if (doing.repair !== null) looked(doing.repair, found);
    } catch (cause) {
      if (signal.aborted) return;
      failed(doing, cause instanceof RealtimeError ? cause : new RealtimeError('live/snapshot-failed', 'the rows could not be read', { cause }));
    }
    busy = false;
    if (retry === undefined) void work(); // not awaited: under steady changes the chain would have no end
  };
  /** When to look again. What a known gap left out is no sign of trouble to come. */
  const looked = (repair: RepairKind, found: boolean): void => {
    glance = clear(glance);
    if (repair !== 'glance') sweepLater();
    if (found && (repair === 'glance' || repair === 'sweep')) glanceSoon();
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
      ask({ repair: 'gap' });
    },
    stop() {
      running = false;
      life.abort();
      life = new AbortController();
      busy = false;
      pending = noWork();
      failures = 0;
      retry = clear(retry);
      sweep = clear(sweep);
      glance = clear(glance);
    },
    ask(asked) {
      // A person who asks need not wait for the next try.
      if (asked.repair === 'whole') retry = clear(retry);
      ask(asked);
    },
    trouble() {
      if (running && glance === undefined) glanceSoon();
    },
  };
}

function noWork(): RepairWork & { rows: Set<string> } {
  return { repair: null, rows: new Set(), readOn: false };
}

function hasWork({ repair, rows, readOn }: RepairWork): boolean {
  return repair !== null || rows.size > 0 || readOn;
}
