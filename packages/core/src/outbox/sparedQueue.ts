import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import { createJournal, type Journal } from './journal.ts';
import type { OutboxQueue, OutboxStorage, StoredAction } from './types.ts';

/** How long the storage may take to open, and to add, until it is done without, in ms. */
const STORAGE_TIMEOUT_MS = 15_000;
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
  /** Something was removed that others may have read. */
  readonly onTakenBack: () => void;
}

/** A stored queue with a spare. */
export interface SparedQueue extends Pick<OutboxQueue, 'add' | 'load'> {
  /** Writes to what is stored and to what is not, each for itself: one that fails holds up nothing of the other. */
  readonly journal: Journal;
  /** Whether there is a stored queue at all. */
  readonly opened: boolean;
  /** Whether what was enqueued last outlives the page. */
  readonly durable: boolean;
  /** `outbox/not-durable`, while something is here that the storage refused. */
  readonly refusal: RealtimeError | null;
  /** Resolves when all that was done is removed, or cannot be. */
  close(): Promise<void>;
}

/**
 * What the storage refuses – no space, no permission, a broken database – is kept in this tab's memory, which sends it itself.
 * What follows in a lane that has such actions is kept there too, so that its order holds. Never rejects.
 *
 * A storage that does not answer is done without, too. What it stores after that is removed again: it is here already.
 */
export async function openSparedQueue({ storage, scope, known, clock, logger, onChanged, onTakenBack }: SparedQueueParts): Promise<SparedQueue> {
  const own = new Map<number, StoredAction>();
  /** Actions that are kept here, and that the storage may have stored or may store yet. */
  const doubtful = new Set<string>();
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
  const spared = ({ lane }: Omit<StoredAction, 'seq'>): boolean => [...own.values()].some((action) => action.lane === lane && action.failure === null);

  const answered = <T>(answer: Promise<T>): Promise<T> => withTimeout(answer, STORAGE_TIMEOUT_MS, clock, () => new Error(`it did not answer within ${String(STORAGE_TIMEOUT_MS)} ms`));
  const opening = Promise.resolve().then(() => storage.open(scope, known));
  let opened = true;
  const stored = await answered(opening).catch((cause: unknown) => {
    opened = false;
    refused(cause);
    opening.then((queue) => { queue.close(); }, () => undefined);
    return refusingQueue(cause);
  });
  const onNotWritten = (error: unknown): void => { logger.warn('what was done could not be stored', { reason: String(error) }); };
  const journals = { stored: createJournal(stored, { clock, onNotWritten }), own: createJournal(ownQueue(own), { clock, onNotWritten }) };
  const journalOf = (seq: number): Journal => (isOwn(seq) ? journals.own : journals.stored);

  const store = async (actions: readonly Omit<StoredAction, 'seq'>[]): Promise<readonly number[]> => {
    if (actions.length === 0) return [];
    const adding = stored.add(actions);
    try {
      const seqs = await answered(adding);
      return seqs;
    } catch (error) {
      refused(error);
      for (const { id } of actions) doubtful.add(id);
      void adding.then(takeBack, () => undefined).then(() => { for (const { id } of actions) doubtful.delete(id); }, () => undefined);
      return [];
    }
  };
  const takeBack = async (seqs: readonly number[]): Promise<void> => {
    for (const seq of seqs) journals.stored.remove(seq);
    await journals.stored.flushed();
    onTakenBack();
  };

  return {
    async add(actions) {
      const storable = actions.filter((action) => !spared(action));
      const seqs = await store(storable);
      durable = storage.durable && seqs.length === actions.length;
      return actions.map((action) => seqs[storable.indexOf(action)] ?? spare(action));
    },
    async load(afterSeq) {
      await journals.stored.flushed().catch(() => undefined); // what is done would be read
      const { actions, corrupted } = await stored.load(afterSeq);
      for (const { id, seq } of actions) if (doubtful.has(id)) journals.stored.remove(seq);
      return { actions: [...journals.stored.over(actions), ...[...own.values()].filter(({ seq }) => seq > afterSeq)], corrupted };
    },
    journal: {
      change: (places, decide) => journalOf(places[0] ?? 0).change(places, decide),
      update: (seq, decide) => journalOf(seq).update(seq, decide),
      remove: (seq) => { journalOf(seq).remove(seq); },
      keep: (action, onTried) => { journalOf(action.seq).keep(action, onTried); },
      flushed: () => journals.stored.flushed(),
    },
    opened,
    get durable() {
      return durable;
    },
    get refusal() {
      return opened && own.size === 0 ? null : refusal;
    },
    async close() {
      journals.stored.end();
      await answered(journals.stored.flushed()).catch(() => undefined); // a later page would do again what is done
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
