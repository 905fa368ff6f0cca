import type { Clock } from '../lib/clock.ts';
import { pause } from '../lib/pause.ts';
import { PAGE_STOPS } from './pagePresence.ts';

/** Who drains, and a count that grows while they live. */
export interface LeaseRecord {
  readonly holder: string;
  readonly beat: number;
}

/** Where the lease is kept: with the queue, so that a change of the queue can ask for it in its own transaction. */
export interface LeaseStore {
  read(): Promise<LeaseRecord | null>;
  /** Stores `next` if what is stored is still `expected`, and says whether it did. */
  swap(expected: LeaseRecord | null, next: LeaseRecord | null): Promise<boolean>;
  /**
   * From now until the returned function is called, changes of the queue by this page are done only while `holder` has the
   * lease; the first that is refused calls `onLost`.
   */
  guard(holder: string, onLost: () => void): () => void;
}

/** What {@link standByLease} needs. */
export interface LeaseCandidate {
  readonly store: LeaseStore;
  readonly holder: string;
  readonly clock: Clock;
  /** Aborted with `PAGE_STOPS` the lease is left to lapse: a transaction that stops with the page would hold up all other tabs'. */
  readonly signal: AbortSignal;
  readonly lead: (leading: AbortSignal) => void;
}

/** How often the holder gives a sign of life, and the others look for one, in ms. */
const BEAT_MS = 400;
/** Looks without a sign after which the holder is taken for dead: with the looks themselves within 2 s. */
const PATIENCE = 3;

/**
 * Leads whenever nobody else does, until `signal` aborts, by a lease in the queue's database.
 *
 * No clock is read, so that none can be wrong: a holder is dead when it gave no sign between a number of looks. That may be
 * mistaken of one that is only held up; it is then refused its next change of the queue, and so sends nothing more.
 */
export async function standByLease({ store, holder, clock, signal, lead }: LeaseCandidate): Promise<void> {
  let seen: LeaseRecord | null = null;
  let silent = 0;
  while (!signal.aborted) {
    try {
      const found = await store.read();
      silent = found !== null && found.holder === seen?.holder && found.beat === seen.beat ? silent + 1 : 0;
      seen = found;
      if (found === null || silent >= PATIENCE) {
        const mine = { holder, beat: 0 };
        if (await store.swap(found, mine)) await hold(mine);
      }
    } catch {
      // The database is away; the next look may find it again.
    }
    await pause(clock, BEAT_MS, signal);
  }

  async function hold(first: LeaseRecord): Promise<void> {
    const term = new AbortController();
    const end = (): void => term.abort();
    signal.addEventListener('abort', end, { once: true, signal: term.signal });
    if (signal.aborted) end();
    const unguard = store.guard(holder, end);
    const leading = (): boolean => !term.signal.aborted;
    let mine = first;
    try {
      if (leading()) lead(term.signal);
      while (leading()) {
        await pause(clock, BEAT_MS, term.signal);
        const next = { holder, beat: mine.beat + 1 };
        if (!leading() || !(await store.swap(mine, next))) break;
        mine = next;
      }
    } finally {
      end();
      unguard();
      if (signal.reason !== PAGE_STOPS) await store.swap(mine, null);
    }
  }
}
