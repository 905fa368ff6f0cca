import { RealtimeError } from '../errors.ts';
import type { Clock, TimerHandle } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { OptimisticWrites } from '../live/optimisticWrites.ts';
import type { Outcome } from './attempt.ts';
import { createDrain, type Drain } from './drain.ts';
import { isUnsent } from './fold.ts';
import { prepareAction, type PreparedAction } from './prepareAction.ts';
import { createQueueRecord, type Ending } from './queueRecord.ts';
import type { Receipts } from './receipts.ts';
import type { RetryPolicy } from './retryPolicy.ts';
import { createSparedQueue, isOwn, refusingQueue, type SparedQueue } from './sparedQueue.ts';
import type { ActionDefinition, Json, OutboxStorage, Receipt, StoredAction, TabMessage, Tabs } from './types.ts';

/** When what the storage did not take is tried again, in ms. */
const WRITE_AGAIN_MS = 5_000;

/** What {@link createTabQueue} is made of. */
interface TabQueueParts {
  readonly scope: string;
  readonly storage: OutboxStorage;
  readonly tabs: Tabs;
  readonly lanes: number;
  readonly policy: RetryPolicy;
  readonly attempt: (action: StoredAction, signal: AbortSignal) => Promise<Outcome>;
  readonly definitionOf: (name: string) => ActionDefinition | undefined;
  readonly receipts: Receipts;
  readonly writes: OptimisticWrites;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onOutcome: (this: void, outcome: Outcome) => void;
  readonly onChanged: (this: void) => void;
}

/** One person's queue as one tab has it: what is stored, what the other tabs tell, and the drain when it is this tab's turn. */
export interface TabQueue {
  add(action: PreparedAction): Promise<Receipt<unknown>>;
  retry(id: string, input: Json | undefined): Promise<void>;
  discard(id: string): Promise<void>;
  wake(): void;
  /** Looks whether something can be sent. */
  pump(): void;
  actions(): readonly StoredAction[];
  isSending(seq: number): boolean;
  readonly draining: boolean;
  readonly durable: boolean | null;
  readonly warning: RealtimeError | null;
  end(): void;
}

interface Adding {
  readonly action: PreparedAction;
  readonly resolve: (receipt: Receipt<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/** Opens the queue and takes part in it until `end`. */
export function createTabQueue(parts: TabQueueParts): TabQueue {
  const { scope, storage, tabs, definitionOf, receipts, clock, logger, onChanged } = parts;
  const record = createQueueRecord(parts);
  const { view } = record;
  const ending = new AbortController();
  let drain: Drain | undefined;
  let adding: Adding[] = [];
  /** Up to where other tabs' actions were read. */
  let readUpTo = 0;
  let durable: boolean | null = null;
  let rewriting: TimerHandle | undefined;
  let refusal: RealtimeError | null = null;
  let damage: RealtimeError | null = null;

  const post = (message: TabMessage): void => { tabs.post(scope, message); };
  const postChanged = (action: StoredAction): void => {
    if (!isOwn(action.seq)) post({ type: 'changed', actions: [action] });
  };
  const settled = (action: StoredAction, outcome: Ending, output?: unknown): void => {
    record.leave(action, outcome, output);
    if (isOwn(action.seq)) return;
    const tell = (): void => { post({ type: 'settled', ids: [action.id, ...action.folded], outcome, output }); };
    // Once it is removed: a tab that opens now would read it, and not hear of its end.
    void opening.then(({ journal }) => journal.flushed()).then(tell, tell);
  };
  const storageFailed = (error: unknown): void => { logger.warn('the storage of the queue failed', { reason: String(error) }); };

  const load = async (queue: SparedQueue, from: number): Promise<readonly StoredAction[]> => {
    const { actions, corrupted } = await queue.load(from);
    if (corrupted > 0) {
      damage = new RealtimeError('outbox/records-damaged', `${String(corrupted)} stored actions could not be read; they were set aside`);
      logger.error('stored actions could not be read', { count: corrupted });
    }
    return actions;
  };
  const readOn = async (queue: SparedQueue, from: number): Promise<readonly StoredAction[]> => {
    const actions = await record.read(() => load(queue, from));
    for (const action of actions) {
      if (!isOwn(action.seq)) readUpTo = Math.max(readUpTo, action.seq);
    }
    onChanged();
    return actions;
  };
  /** Reads everything: what is stored no more was done by another tab. */
  const readAll = async (queue: SparedQueue): Promise<void> => {
    const known = view.all();
    const stored = new Set((await readOn(queue, 0)).map(({ seq }) => seq));
    for (const action of known) if (!stored.has(action.seq)) record.leave(action, 'confirmed');
  };

  const refused = (cause: unknown): void => {
    durable = false;
    refusal = new RealtimeError('outbox/not-durable', `what is enqueued now ends with this page; the storage refused: ${String(cause)}`, { cause });
    logger.warn('actions are kept in memory', { reason: String(cause) });
    onChanged();
  };
  const openQueue = async (): Promise<SparedQueue> => {
    const stored = await storage.open(scope, () => view.all().filter(({ seq }) => !isOwn(seq))).catch((cause: unknown) => {
      refused(cause);
      return refusingQueue(cause);
    });
    durable ??= storage.durable;
    return createSparedQueue(stored, {
      onRefused: refused,
      onStored() {
        durable = storage.durable;
        if (!view.all().some(({ seq }) => isOwn(seq))) refusal = null;
      },
      onNotWritten: () => {
        rewriting ??= clock.setTimeout(() => {
          rewriting = undefined;
          void opening.then(({ journal }) => journal.flushed()).catch(storageFailed);
        }, WRITE_AGAIN_MS);
      },
    });
  };
  const open = async (): Promise<SparedQueue> => {
    const queue = await openQueue();
    // Before it reads: what others do meanwhile it would not hear of again.
    const stopListening = tabs.listen(scope, (message) => { onMessage(message, queue); });
    ending.signal.addEventListener('abort', stopListening, { once: true });
    await readAll(queue).catch(storageFailed);
    drain = createDrain({
      ...parts, view, journal: queue.journal, ending: ending.signal,
      listener: {
        onSending(action) {
          for (const id of [action.id, ...action.folded]) receipts.move(id, 'sending');
          onChanged();
        },
        onChanged(action) {
          record.put(action);
          postChanged(action);
          for (const id of [action.id, ...action.folded]) if (action.failure === null) receipts.move(id, 'stored');
        },
        onKept: postChanged,
        onFolded(head, rest) {
          record.absorb(head, rest);
          postChanged(head);
        },
        onCancelled(seqs) {
          for (const seq of seqs) {
            const action = view.get(seq);
            if (action !== undefined) settled(action, 'cancelled');
          }
        },
        onConfirmed: (action, output) => { settled(action, 'confirmed', output); },
        onGone: (action) => { record.leave(action, 'discarded'); },
        onOutcome: parts.onOutcome,
        onStorageFailed: storageFailed,
      },
    });
    if (ending.signal.aborted) return queue;
    tabs.campaign(scope, ending.signal, (leading) => { void lead(queue, leading); });
    drain.pump();
    return queue;
  };
  /** A copy may have missed what the last one that led did. */
  const lead = async (queue: SparedQueue, leading: AbortSignal): Promise<void> => {
    await readAll(queue).catch(storageFailed);
    if (leading.aborted) return;
    post({ type: 'missed' }); // the last one may have died before it told
    drain?.lead(leading);
    onChanged();
    leading.addEventListener('abort', onChanged, { once: true });
  };
  const opening = open();

  const onMessage = (message: TabMessage, queue: SparedQueue): void => {
    if (message.type === 'added' || message.type === 'missed') {
      (message.type === 'added' ? readOn(queue, readUpTo) : readAll(queue)).then(() => { drain?.pump(); }, storageFailed);
      return;
    }
    if (message.type === 'changed') {
      for (const action of message.actions) record.told(action);
    } else {
      for (const id of message.ids) {
        const action = view.byId(id);
        if (action !== undefined) record.leave(action, message.outcome, message.output);
        else record.end(id, message.outcome, message.output);
      }
    }
    drain?.pump();
  };

  /** Between what was known and what was added now there may be other tabs' actions, which come first. */
  const readBefore = async (queue: SparedQueue, seqs: readonly number[]): Promise<void> => {
    const first = seqs.find((seq) => !isOwn(seq));
    if (seqs.some(isOwn) || first !== readUpTo + 1) await readOn(queue, readUpTo).catch(storageFailed);
  };
  /** Those of one turn are stored together. */
  const flushAdds = async (): Promise<void> => {
    const queue = await opening;
    const batch = adding;
    adding = [];
    try {
      const seqs = await queue.add(batch.map(({ action }) => action.record));
      if (seqs.some((seq) => !isOwn(seq))) post({ type: 'added' });
      const issued = batch.map(({ action }) => receipts.issue(action.record.id));
      await readBefore(queue, seqs);
      batch.forEach(({ action, resolve }, at) => {
        const seq = seqs[at] ?? 0;
        if (isOwn(seq) || seq > readUpTo) record.put({ ...action.record, seq });
        resolve(issued[at] as Receipt<unknown>); // one for each
      });
      readUpTo = Math.max(readUpTo, ...seqs.filter((seq) => !isOwn(seq)));
      drain?.pump();
    } catch (error) {
      for (const { action, reject } of batch) {
        record.withdraw(action);
        reject(error);
      }
    }
  };

  return {
    add: (action) =>
      new Promise((resolve, reject) => {
        record.announce(action);
        adding.push({ action, resolve, reject });
        if (adding.length === 1) void Promise.resolve().then(flushAdds);
      }),
    async retry(id, input) {
      const { journal } = await opening;
      const action = view.byId(id);
      const definition = action && definitionOf(action.name);
      if (action === undefined) return;
      // With an input of another lane it goes there.
      const edited = input === undefined || definition === undefined ? {} : pick((await prepareAction(definition, input, clock.now())).record);
      const again = await journal.update(action.seq, (now) => (now.failure === null ? null : { ...now, ...edited, failure: null }));
      if (again === null) return;
      record.put(again);
      postChanged(again);
      drain?.pump();
    },
    async discard(id) {
      const { journal } = await opening;
      const action = view.byId(id);
      if (action === undefined) return;
      const found = await journal.change([action.seq], (records) => ({ remove: [...records.values()].filter(isDiscardable).map(({ seq }) => seq) }));
      const now = found.get(action.seq);
      if (now !== undefined && !isDiscardable(now)) throw new RealtimeError('outbox/already-sent', 'the action was not discarded; it may be done already');
      settled(action, 'discarded');
    },
    wake: () => { drain?.wake(); },
    pump: () => { drain?.pump(); },
    actions: () => view.all(),
    isSending: (seq) => drain?.sending.has(seq) ?? false,
    get draining() {
      return drain?.leading ?? false;
    },
    get durable() {
      return durable;
    },
    get warning() {
      return refusal ?? damage;
    },
    end() {
      ending.abort();
      parts.policy.end();
      if (rewriting !== undefined) clock.clearTimeout(rewriting);
      void opening.then((queue) => { queue.close(); });
    },
  };
}

function isDiscardable(action: StoredAction): boolean {
  return action.failure !== null || isUnsent(action);
}

function pick({ input, lane }: PreparedAction['record']): Pick<StoredAction, 'input' | 'lane'> {
  return { input, lane };
}
