import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createJournal, type Journal } from './journal.ts';
import type { OutboxQueue, OutboxStorage, StoredAction } from './types.ts';

/** Places from here on are this tab's alone, and after all that are stored. */
const FIRST_OWN = 2 ** 52;

/** Whether an action is kept in this tab's memory alone. */
export function isOwn(seq: number): boolean {
  return seq >= FIRST_OWN;
}

/** What {@link openSparedQueue} opens, and what it tells of. */
interface SparedQueueParts {
  readonly storage: OutboxStorage;
  readonly scope: string;
  /** What the page knows of what is stored. */
  readonly known: () => readonly StoredAction[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** `durable` or `refusal` changed. */
  readonly onChanged: () => void;
}

/** A stored queue with a spare. */
export interface SparedQueue extends Pick<OutboxQueue, 'add' | 'load' | 'close'> {
  /** Writes to what is stored and to what is not, each for itself: one that fails holds up nothing of the other. */
  readonly journal: Journal;
  /** Whether what was enqueued last outlives the page. */
  readonly durable: boolean;
  /** `outbox/not-durable`, while something is here that the storage refused. */
  readonly refusal: RealtimeError | null;
}

/**
 * What the storage refuses – no space, no permission, a broken database – is kept in this tab's memory, which sends it itself.
 * What follows in a lane that has such actions is kept there too, so that its order holds. Never rejects.
 */
export async function openSparedQueue({ storage, scope, known, clock, logger, onChanged }: SparedQueueParts): Promise<SparedQueue> {
  const own = new Map<number, StoredAction>();
  let last = FIRST_OWN;
  let durable = storage.durable;
  let refusal: RealtimeError | null = null;

  const refused = (cause: unknown): void => {
    durable = false;
    refusal = new RealtimeError('outbox/not-durable', `what is enqueued now ends with this page; the storage refused: ${String(cause)}`, { cause });
    logger.warn('actions are kept in memory', { reason: String(cause) });
    onChanged();
  };
  const spare = (action: Omit<StoredAction, 'seq'>): number => {
    last += 1;
    own.set(last, { ...action, seq: last });
    return last;
  };
  const spared = ({ lane }: Omit<StoredAction, 'seq'>): boolean => [...own.values()].some((action) => action.lane === lane);

  const stored = await storage.open(scope, known).catch((cause: unknown) => {
    refused(cause);
    return refusingQueue(cause);
  });
  const onNotWritten = (error: unknown): void => { logger.warn('what was done could not be stored', { reason: String(error) }); };
  const journals = { stored: createJournal(stored, { clock, onNotWritten }), own: createJournal(ownQueue(own), { clock, onNotWritten }) };
  const journalOf = (seq: number): Journal => (isOwn(seq) ? journals.own : journals.stored);

  return {
    async add(actions) {
      const storable = actions.filter((action) => !spared(action));
      let seqs: readonly number[] = [];
      try {
        if (storable.length > 0) {
          seqs = await stored.add(storable);
          durable = storage.durable;
          if (own.size === 0) refusal = null;
        }
      } catch (error) {
        refused(error);
      }
      return actions.map((action) => seqs[storable.indexOf(action)] ?? spare(action));
    },
    async load(afterSeq) {
      await journals.stored.flushed().catch(() => undefined); // what is done would be read
      const { actions, corrupted } = await stored.load(afterSeq);
      return { actions: [...journals.stored.over(actions), ...[...own.values()].filter(({ seq }) => seq > afterSeq)], corrupted };
    },
    journal: {
      change: (places, decide) => journalOf(places[0] ?? 0).change(places, decide),
      update: (seq, decide) => journalOf(seq).update(seq, decide),
      remove: (seq) => { journalOf(seq).remove(seq); },
      keep: (action, onTried) => { journalOf(action.seq).keep(action, onTried); },
      flushed: () => journals.stored.flushed(),
    },
    get durable() {
      return durable;
    },
    get refusal() {
      return refusal;
    },
    close() {
      journals.stored.end();
      stored.close();
    },
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
function refusingQueue(reason: unknown): OutboxQueue {
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
