import type { Clock, TimerHandle } from '../lib/clock.ts';
import type { OutboxQueue, QueueChange, StoredAction } from './types.ts';

/** When what the storage did not take is written again, in ms. */
const WRITE_AGAIN_MS = 5_000;

/** What the draining tab writes to the stored queue. */
export interface Journal {
  /**
   * A transaction on places of one kind, shared with others of the same moment; gives what was found once it is durable. All
   * that was removed before is removed by then: what happens next in a lane cannot overtake the end of what was before.
   */
  change(places: readonly number[], decide: (found: ReadonlyMap<number, StoredAction>) => QueueChange): Promise<ReadonlyMap<number, StoredAction>>;
  /** Replaces one action by what `decide` makes of it, if it is there; gives null when nothing was replaced. */
  update(seq: number, decide: (now: StoredAction) => StoredAction | null): Promise<StoredAction | null>;
  /** Removes; again and again until the storage takes it. */
  remove(seq: number): void;
  /** Replaces an action, unless it is gone; again and again until the storage takes it. Calls `onTried` each time. */
  keep(action: StoredAction, onTried: () => void): void;
  /** Resolves when all that was removed is; rejects when the storage failed. */
  flushed(): Promise<void>;
}

/** A journal with the side that its queue uses. */
interface RunningJournal extends Journal {
  /** Actions that were read, as they are once all is written. */
  over(actions: readonly StoredAction[]): readonly StoredAction[];
  /** Writes nothing more by itself. */
  end(): void;
}

/** What {@link createJournal} needs beside a queue. */
interface JournalParts {
  readonly clock: Clock;
  /** What is written again later was not written. */
  readonly onNotWritten: (error: unknown) => void;
}

interface Request {
  readonly places: readonly number[];
  readonly decide: (found: ReadonlyMap<number, StoredAction>) => QueueChange;
  readonly resolve: (found: ReadonlyMap<number, StoredAction>) => void;
  readonly reject: (error: unknown) => void;
}

/** Groups the writes of one queue: one transaction at a time, with all that came up while the one before was under way. */
export function createJournal(queue: Pick<OutboxQueue, 'change'>, { clock, onNotWritten }: JournalParts): RunningJournal {
  const removals = new Set<number>();
  /** What is to be kept, by place; newer than what is stored. */
  const kept = new Map<number, { readonly action: StoredAction; readonly onTried: () => void }>();
  let requests: Request[] = [];
  let writing = false;
  /** Whether something came up since the last transaction began. */
  let wanted = false;
  let again: TimerHandle | undefined;
  let ended = false;

  const writeAgain = (error: unknown): void => {
    onNotWritten(error);
    if (ended) return;
    again ??= clock.setTimeout(() => {
      again = undefined;
      void run();
    }, WRITE_AGAIN_MS);
  };
  const write = async (): Promise<void> => {
    const [batch, removing] = [requests, [...removals]];
    requests = [];
    try {
      let founds: ReadonlyMap<number, StoredAction>[] = [];
      let superseded: readonly number[] = [];
      await queue.change(batch.flatMap(({ places }) => places), (found) => {
        const newest = new Map([...found].map(([seq, action]) => [seq, kept.get(seq)?.action ?? action]));
        const decided = decideAll(batch, removing, newest);
        superseded = decided.change.put?.map(({ seq }) => seq) ?? [];
        ({ founds } = decided);
        return decided.change;
      });
      for (const seq of removing) removals.delete(seq);
      for (const seq of superseded) kept.delete(seq);
      batch.forEach(({ resolve }, at) => { resolve(founds[at] ?? new Map()); });
    } catch (error) {
      for (const { reject } of batch) reject(error);
      if (removing.length > 0) writeAgain(error);
    }
  };
  /** In a transaction of its own: a full disk takes removals, and would refuse them with this. */
  const writeKept = async (): Promise<void> => {
    const keeping = [...kept];
    if (keeping.length === 0) return;
    try {
      await queue.change(keeping.map(([seq]) => seq), (found) => ({ put: keeping.filter(([seq]) => found.has(seq)).map(([, { action }]) => action) }));
      for (const [seq, entry] of keeping) if (kept.get(seq) === entry) kept.delete(seq);
    } catch (error) {
      writeAgain(error);
    }
    for (const [, { onTried }] of keeping) onTried();
  };
  const run = async (): Promise<void> => {
    wanted = true;
    if (writing) return;
    writing = true;
    await Promise.resolve(); // for those of the same moment
    while (wanted) {
      wanted = false;
      if (requests.length > 0 || removals.size > 0) await write();
      await writeKept();
    }
    writing = false;
  };
  const change: Journal['change'] = (places, decide) =>
    new Promise((resolve, reject) => {
      requests.push({ places, decide, resolve, reject });
      void run();
    });

  return {
    change,
    update: (seq, decide) =>
      new Promise((resolve, reject) => {
        let next: StoredAction | null = null;
        change([seq], (found) => {
          const now = found.get(seq);
          next = now === undefined ? null : decide(now);
          return { put: next === null ? [] : [next] };
        }).then(() => { resolve(next); }, reject);
      }),
    remove(seq) {
      removals.add(seq);
      void run();
    },
    keep(action, onTried) {
      kept.set(action.seq, { action, onTried });
      void run();
    },
    over: (actions) => actions.filter(({ seq }) => !removals.has(seq)).map((action) => kept.get(action.seq)?.action ?? action),
    async flushed() {
      if (removals.size > 0 || kept.size > 0) await change([], () => ({}));
    },
    end() {
      ended = true;
      if (again !== undefined) clock.clearTimeout(again);
    },
  };
}

/** The requests one after the other, each seeing what those before it did. */
function decideAll(batch: readonly Request[], removing: readonly number[], found: ReadonlyMap<number, StoredAction>): { change: QueueChange; founds: ReadonlyMap<number, StoredAction>[] } {
  const now = new Map(found);
  const put = new Map<number, StoredAction>();
  const remove = new Set(removing);
  for (const seq of removing) now.delete(seq);
  const founds = batch.map(({ places, decide }) => {
    const own = new Map(places.flatMap((seq) => {
      const record = now.get(seq);
      return record === undefined ? [] : [[seq, record] as const];
    }));
    const change = decide(own);
    for (const action of change.put ?? []) {
      now.set(action.seq, action);
      put.set(action.seq, action);
    }
    for (const seq of change.remove ?? []) {
      now.delete(seq);
      put.delete(seq);
      remove.add(seq);
    }
    return own;
  });
  return { change: { put: [...put.values()], remove: [...remove] }, founds };
}
