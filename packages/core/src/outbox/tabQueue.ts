import { RealtimeError } from '../errors.ts';
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
  const ending = new AbortController();
  let opened: Opened | undefined;
  let adding: Adding[] = [];
  /** Set when it is this tab's turn, until it has read what the one before may have done untold. */
  let turn: AbortSignal | undefined;

  const post = (message: TabMessage): void => { tabs.post(scope, message); };

  const open = async (): Promise<Opened> => {
    const queue = await openSparedQueue({ storage, scope, known: () => view.all().filter(({ seq }) => !isOwn(seq)), clock, logger, onChanged, onTakenBack: () => { post({ type: 'missed' }); } });
    const { journal } = queue;
    const shared = createSharedRecord({ record, post, flushed: () => journal.flushed() });
    const reader = createQueueReader({ queue, record, clock, logger, onRead });
    const resync = (): Promise<void> => {
      post({ type: 'missed' });
      return reader.all();
    };
    const drain = createDrain({ ...parts, record, shared, journal, ending: ending.signal, resync });
    opened = { queue, journal, shared, reader, drain };
    if (ending.signal.aborted) return opened;
    // Before it reads: what others do meanwhile it would not hear of again.
    const stopListening = tabs.listen(scope, onMessage);
    ending.signal.addEventListener('abort', stopListening, { once: true });
    await reader.all();
    tabs.campaign(scope, ending.signal, (leading) => {
      turn = leading;
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

  /** Those of one turn are stored together. */
  const flushAdds = async (): Promise<void> => {
    const { queue, reader, drain } = await opening;
    const batch = adding;
    adding = [];
    try {
      const seqs = await queue.add(batch.map(({ action }) => action.record));
      if (seqs.some((seq) => !isOwn(seq))) post({ type: 'added' });
      const issued = batch.map(({ action }) => receipts.issue(action.record.id));
      await reader.added(batch.map(({ action }, at) => ({ ...action.record, seq: seqs[at] ?? 0 })));
      batch.forEach(({ resolve }, at) => { resolve(issued[at] as Receipt<unknown>); }); // one for each
      drain.pump();
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
      const { journal, shared, drain } = await opening;
      const action = view.byId(id);
      const definition = action && definitionOf(action.name);
      if (action === undefined) return;
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
      const found = await journal.change([action.seq], (records) => ({ remove: [...records.values()].filter(isDiscardable).map(({ seq }) => seq) }));
      const now = found.get(action.seq);
      if (now !== undefined && !isDiscardable(now)) throw new RealtimeError('outbox/already-sent', 'the action was not discarded; it may be done already');
      shared.settle(action, 'discarded');
    },
    wake: () => { opened?.drain.wake(); },
    pump: () => { opened?.drain.pump(); },
    actions: () => view.all(),
    isSending: (seq) => opened?.drain.sending.has(seq) ?? false,
    get draining() {
      return opened?.drain.leading ?? false;
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
      void opening.then(({ queue, reader }) => {
        reader.end();
        queue.close();
      });
    },
  };
}

function isDiscardable(action: StoredAction): boolean {
  return action.failure !== null || isUnsent(action);
}

function pick({ input, lane }: PreparedAction['record']): Pick<StoredAction, 'input' | 'lane'> {
  return { input, lane };
}
