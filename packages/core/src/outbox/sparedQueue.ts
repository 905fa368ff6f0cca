import { createJournal, type Journal } from './journal.ts';
import type { OutboxQueue, StoredAction } from './types.ts';

/** Places from here on are this tab's alone, and after all that are stored. */
const FIRST_OWN = 2 ** 52;

/** Whether an action is kept in this tab's memory alone. */
export function isOwn(seq: number): boolean {
  return seq >= FIRST_OWN;
}

/** What {@link createSparedQueue} tells of. */
interface SparedQueueListener {
  /** The storage refused to add, so that what was added ends with the page. */
  readonly onRefused: (error: unknown) => void;
  readonly onStored: () => void;
  /** What was done could not be removed, or a failure not stored. */
  readonly onNotWritten: () => void;
}

/** A stored queue with a spare. */
export interface SparedQueue extends Pick<OutboxQueue, 'add' | 'load' | 'close'> {
  /** Writes to what is stored and to what is not, each for itself: one that fails holds up nothing of the other. */
  readonly journal: Journal;
}

/**
 * What the storage refuses – no space, no permission, a broken database – is kept in this tab's memory, which sends it itself.
 * What follows in a lane that has such actions is kept there too, so that its order holds.
 */
export function createSparedQueue(stored: OutboxQueue, { onRefused, onStored, onNotWritten }: SparedQueueListener): SparedQueue {
  const own = new Map<number, StoredAction>();
  let last = FIRST_OWN;
  const journals = { stored: createJournal(stored, onNotWritten), own: createJournal(ownQueue(own), onNotWritten) };
  const journalOf = (seq: number): Journal => (isOwn(seq) ? journals.own : journals.stored);
  const spare = (action: Omit<StoredAction, 'seq'>): number => {
    last += 1;
    own.set(last, { ...action, seq: last });
    return last;
  };
  const spared = ({ lane }: Omit<StoredAction, 'seq'>): boolean => [...own.values()].some((action) => action.lane === lane);

  return {
    async add(actions) {
      const storable = actions.filter((action) => !spared(action));
      let seqs: readonly number[] = [];
      try {
        if (storable.length > 0) seqs = await stored.add(storable);
        if (storable.length > 0) onStored();
      } catch (error) {
        onRefused(error);
      }
      return actions.map((action) => seqs[storable.indexOf(action)] ?? spare(action));
    },
    async load(afterSeq) {
      const { actions, corrupted } = await stored.load(afterSeq);
      return { actions: [...actions, ...[...own.values()].filter(({ seq }) => seq > afterSeq)], corrupted };
    },
    journal: {
      change: (places, decide) => journalOf(places[0] ?? 0).change(places, decide),
      update: (seq, decide) => journalOf(seq).update(seq, decide),
      remove: (seq) => { journalOf(seq).remove(seq); },
      keep: (action) => journalOf(action.seq).keep(action),
      flushed: () => journals.stored.flushed(),
    },
    close: () => { stored.close(); },
  };
}

function ownQueue(own: Map<number, StoredAction>): Pick<OutboxQueue, 'change'> {
  return {
    change(places, decide) {
      const { put = [], remove = [] } = decide(new Map(places.flatMap((seq) => {
        const action = own.get(seq);
        return action === undefined ? [] : [[seq, action] as const];
      })));
      for (const action of put) own.set(action.seq, action);
      for (const seq of remove) own.delete(seq);
      return Promise.resolve();
    },
  };
}

/** A queue in which nothing can be stored. */
export function refusingQueue(reason: unknown): OutboxQueue {
  return {
    add: () => Promise.reject(reason instanceof Error ? reason : new Error(String(reason))),
    load: () => Promise.resolve({ actions: [], corrupted: 0 }),
    change(_places, decide) {
      decide(new Map());
      return Promise.resolve();
    },
    close: () => undefined,
  };
}
