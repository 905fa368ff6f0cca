import { RealtimeError } from '../errors.ts';
import { anySignal } from '../lib/anySignal.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { OptimisticWrites } from '../live/optimisticWrites.ts';
import type { Outcome } from './attempt.ts';
import { createDrain, type Drain } from './drain.ts';
import { isUnsent } from './fold.ts';
import type { Journal } from './journal.ts';
import { prepareAction, type PreparedAction } from './prepareAction.ts';
import { createQueueReader, type QueueReader } from './queueReader.ts';
import { createQueueRecord } from './queueRecord.ts';
import type { Receipts } from './receipts.ts';
import type { RetryPolicy } from './retryPolicy.ts';
import { createSharedRecord, type SharedRecord } from './sharedRecord.ts';
import { isOwn, openSparedQueue, type SparedQueue } from './sparedQueue.ts';
import type { ActionDefinition, Json, OutboxStorage, Receipt, StoredAction, TabMessage, Tabs } from './types.ts';

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

/** What there is once the storage was opened. */
interface Opened {
  readonly queue: SparedQueue;
  readonly journal: Journal;
  readonly shared: SharedRecord;
  readonly reader: QueueReader;
  readonly drain: Drain;
}

/** Opens the queue and takes part in it until `end`. */
export function createTabQueue(parts: TabQueueParts): TabQueue {
  const { scope, storage, tabs, definitionOf, receipts, clock, logger, onChanged } = parts;
  const record = createQueueRecord(parts);
  const { view } = record;
  /** Aborts when nothing is to be sent any more. */
  const ending = new AbortController();
  /** Aborts when what was done until then is stored, too: until then no other tab of this page may send. */
  const ended = new AbortController();
  let opened: Opened | undefined;
  let adding: Adding[] = [];
  let flushing: Promise<void> | undefined;
  /** Set when it is this tab's turn, until it has read what the one before may have done untold. */
  let turn: AbortSignal | undefined;

  const post = (message: TabMessage): void => { tabs.post(scope, message); };

  const open = async (): Promise<Opened> => {
    const queue = await openSparedQueue({ storage, scope, known: () => view.all().filter(({ seq }) => !isOwn(seq)), clock, logger, onChanged, onTakenBack: () => { post({ type: 'missed' }); } });
    const { journal } = queue;
    const shared = createSharedRecord({ record, post, flushed: () => journal.flushed() });
    const reader = createQueueReader({ queue, record, clock, logger, onRead });
    const drain = createDrain({ ...parts, record, shared, journal, ending: ending.signal, resync });
    opened = { queue, journal, shared, reader, drain };
    if (ending.signal.aborted) return opened;
    // Before it reads: what others do meanwhile it would not hear of again.
    const stopListening = tabs.listen(scope, onMessage);
    ended.signal.addEventListener('abort', stopListening, { once: true });
    await reader.all();
    // Who cannot read what is stored should not keep others from sending it.
    if (!queue.opened) return opened;
    tabs.campaign(scope, ended.signal, (leading) => {
      turn = anySignal([leading, ending.signal]);
      void reader.all();
    });
    return opened;
  };
  const onRead = (whole: boolean): void => {
    if (whole) lead();
    onChanged();
    opened?.drain.pump();
  };
  const lead = (): void => {
    const leading = turn;
    turn = undefined;
    if (leading === undefined || leading.aborted) return;
    post({ type: 'missed' }); // the last one may have died before it told
    opened?.drain.lead(leading);
    leading.addEventListener('abort', onChanged, { once: true });
  };
  const onMessage = (message: TabMessage): void => {
    if (opened === undefined) return;
    const { shared, reader, drain } = opened;
    if (message.type === 'added') void reader.on();
    // Who sends looks itself: one that sent before may have told this long ago.
    else if (message.type === 'missed' || (message.type === 'changed' && drain.leading)) void reader.all();
    else {
      shared.heard(message);
      drain.pump();
    }
  };
  const opening = open();
  const resync = async (): Promise<void> => {
    post({ type: 'missed' });
    await (await opening).reader.all();
  };
  const close = async (): Promise<void> => {
    const { queue, reader } = await opening;
    reader.end();
    await flushing; // what was enqueued before is stored
    await queue.close();
    ended.abort();
  };

  /** Those of one turn are stored together, and those that come while others are: one of a lane cannot overtake another. */
  const flushAdds = async (): Promise<void> => {
    await Promise.resolve();
    while (adding.length > 0) {
      const batch = adding;
      adding = [];
      await addAll(batch);
    }
    flushing = undefined;
  };
  const addAll = async (batch: readonly Adding[]): Promise<void> => {
    try {
      const { queue, reader, drain } = await opening;
      const seqs = await queue.add(batch.map(({ action }) => action.record));
      if (seqs.some((seq) => !isOwn(seq))) post({ type: 'added' });
      const issued = batch.map(({ action }) => receipts.issue(action.record.id));
      void reader.added(batch.map(({ action }, at) => ({ ...action.record, seq: seqs[at] ?? 0 }))).then(() => {
        batch.forEach(({ resolve }, at) => { resolve(issued[at] as Receipt<unknown>); }); // one for each
        drain.pump();
      });
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
        flushing ??= flushAdds();
      }),
    async retry(id, input) {
      const { journal, shared, drain } = await opening;
      const action = view.byId(id);
      const definition = action && definitionOf(action.name);
      if (action === undefined) return;
      if (input !== undefined && definition === undefined) throw new RealtimeError('outbox/action-unknown', `"${action.name}" was not changed; it is not among the outbox's actions`);
      // With an input of another lane it goes there.
      const edited = input === undefined || definition === undefined ? {} : pick(prepareAction(definition, input, clock.now()).record);
      const again = await journal.update(action.seq, (now) => (now.failure === null ? null : { ...now, ...edited, failure: null }));
      if (again === null) return;
      shared.put(again);
      drain.pump();
    },
    async discard(id) {
      const { journal, shared } = await opening;
      const action = view.byId(id);
      if (action === undefined) return;
      // On a full disk only the tab that sends knows that it does.
      const isDiscardable = (now: StoredAction): boolean => now.failure !== null || (isUnsent(now) && isUnsent(action));
      const found = await journal.change([action.seq], (records) => ({ remove: [...records.values()].filter(isDiscardable).map(({ seq }) => seq) }));
      const now = found.get(action.seq);
      if (now === undefined) {
        if (view.byId(id) === undefined) return;
        await resync();
      }
      if (now === undefined || !isDiscardable(now)) throw new RealtimeError('outbox/already-sent', 'the action was not discarded; it may be done already');
      shared.settle(action, 'discarded');
    },
    wake: () => { opened?.drain.wake(); },
    pump: () => { opened?.drain.pump(); },
    actions: () => view.all(),
    isSending: (seq) => opened?.drain.sending.has(seq) ?? false,
    get draining() {
      return opened !== undefined && (opened.drain.leading || !opened.queue.opened);
    },
    get durable() {
      return opened?.queue.durable ?? null;
    },
    get warning() {
      return opened?.queue.refusal ?? opened?.reader.damage ?? null;
    },
    end() {
      ending.abort();
      parts.policy.end();
      void close();
    },
  };
}

function pick({ input, lane }: PreparedAction['record']): Pick<StoredAction, 'input' | 'lane'> {
  return { input, lane };
}
