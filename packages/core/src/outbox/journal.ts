import type { OutboxQueue, QueueChange, StoredAction } from './types.ts';

/** What the draining tab writes to the stored queue. */
export interface Journal {
  /**
   * A transaction on places of one kind, shared with others of the same moment; gives what was found once it is durable. All that was removed before is removed
   * by then: what happens next in a lane cannot overtake the end of what was before.
   */
  change(places: readonly number[], decide: (found: ReadonlyMap<number, StoredAction>) => QueueChange): Promise<ReadonlyMap<number, StoredAction>>;
  /** Replaces one action by what `decide` makes of it, if it is there; gives null when nothing was replaced. */
  update(seq: number, decide: (now: StoredAction) => StoredAction | null): Promise<StoredAction | null>;
  /** Removes, with the next transaction that succeeds. */
  remove(seq: number): void;
  /** Replaces an action, unless it is gone; again and again until the storage takes it. Resolves then. */
  keep(action: StoredAction): Promise<void>;
  /** Resolves when all that was removed is; rejects when the storage failed. */
  flushed(): Promise<void>;
}

interface Request {
  readonly places: readonly number[];
  readonly decide: (found: ReadonlyMap<number, StoredAction>) => QueueChange;
  readonly resolve: (found: ReadonlyMap<number, StoredAction>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Groups the writes of one queue: one transaction at a time, with all that came up while the one before was under way.
 * `onNotWritten` is called when something failed that is to be tried again by `flushed`.
 */
export function createJournal(queue: Pick<OutboxQueue, 'change'>, onNotWritten: () => void): Journal {
  const removals = new Set<number>();
  /** What is to be kept, by place; newer than what is stored. */
  const kept = new Map<number, { readonly action: StoredAction; readonly resolve: () => void }>();
  let requests: Request[] = [];
  let writing = false;

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
      if (removing.length > 0) onNotWritten();
    }
  };
  /** In a transaction of its own: a full disk takes removals, and would refuse them with this. */
  const writeKept = async (): Promise<void> => {
    const keeping = [...kept];
    if (keeping.length === 0) return;
    try {
      await queue.change(keeping.map(([seq]) => seq), (found) => ({ put: keeping.filter(([seq]) => found.has(seq)).map(([, { action }]) => action) }));
    } catch {
      onNotWritten();
      return;
    }
    for (const [seq, entry] of keeping) {
      if (kept.get(seq) === entry) kept.delete(seq);
      entry.resolve();
    }
  };
  const run = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    await Promise.resolve(); // for those of the same moment
    // A failure to remove alone is mended with the next request.
    do {
      await write();
      await writeKept();
    } while (requests.length > 0);
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
    keep: (action) =>
      new Promise((resolve) => {
        kept.set(action.seq, { action, resolve });
        void run();
      }),
    async flushed() {
      if (removals.size > 0 || kept.size > 0) await change([], () => ({}));
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
