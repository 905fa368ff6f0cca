import { RealtimeError } from '../errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { OptimisticWrites } from '../live/optimisticWrites.ts';
import type { Outcome } from './attempt.ts';
import { createDrain, type Drain } from './drain.ts';
import { createJournal, type Journal } from './journal.ts';
import { memoryStorage } from './memoryStorage.ts';
import { effectsOf, type PreparedAction } from './prepareAction.ts';
import { createQueueView } from './queueView.ts';
import type { Receipts } from './receipts.ts';
import type { RetryPolicy } from './retryPolicy.ts';
import type { ActionDefinition, Json, OutboxQueue, OutboxStorage, Receipt, StoredAction, TabMessage, Tabs } from './types.ts';

/** What {@link createTabQueue} is made of. */
export interface TabQueueParts {
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
  readonly onOutcome: (outcome: Outcome) => void;
  readonly onChanged: () => void;
}

/** One person's queue as one tab has it: what is stored, what the other tabs tell, and the drain when it is this tab's turn. */
export interface TabQueue {
  add(action: PreparedAction): Promise<Receipt<unknown>>;
  retry(id: string, input: Json | undefined): Promise<void>;
  discard(id: string): Promise<void>;
  wake(): void;
  actions(): readonly StoredAction[];
  isSending(seq: number): boolean;
  readonly draining: boolean;
  readonly durable: boolean | null;
  readonly warning: RealtimeError | null;
  end(): void;
}

interface Opened {
  readonly queue: OutboxQueue;
  readonly journal: Journal;
  readonly drain: Drain;
}

/** Order of effects whose action has no place yet: after all that have one. */
const AFTER_ALL = 2 ** 52;

/** Opens the queue and takes part in it until `end`. */
export function createTabQueue(parts: TabQueueParts): TabQueue {
  const { scope, storage, tabs, lanes, policy, attempt, definitionOf, receipts, writes, clock, logger, onOutcome, onChanged } = parts;
  const view = createQueueView();
  const ending = new AbortController();
  let drain: Drain | undefined;
  let adding: { action: PreparedAction; resolve: (seq: number) => void; reject: (error: unknown) => void }[] = [];
  let unplaced = 0;
  /** Up to where other tabs' actions were read. */
  let readUpTo = 0;
  let durable: boolean | null = null;
  let warning: RealtimeError | null = null;

  const show = (action: StoredAction): void => {
    const effects = effectsOf(definitionOf(action.name), action);
    if (effects.length > 0) writes.show({ id: action.id, order: action.seq, effects });
  };
  const put = (action: StoredAction): void => {
    const before = view.get(action.seq);
    if (!view.put(action)) return;
    if (action.failure !== null) {
      for (const id of [action.id, ...action.folded]) {
        writes.withdraw(id);
        receipts.fail(id, action.failure);
      }
    } else if (before === undefined || before.failure !== null || before.input !== action.input) {
      show(action);
      receipts.move(action.id, 'stored');
    }
    onChanged();
  };
  const leave = (action: StoredAction, outcome: 'confirmed' | 'discarded', output?: unknown): void => {
    view.remove(action.seq);
    for (const id of [action.id, ...action.folded]) {
      if (outcome === 'confirmed') {
        writes.confirm(id, output);
        receipts.confirm(id, output);
      } else {
        writes.withdraw(id);
        receipts.discard(id);
      }
    }
    onChanged();
  };
  const post = (message: TabMessage): void => { tabs.post(scope, message); };
  const settled = (action: StoredAction, outcome: 'confirmed' | 'discarded', output?: unknown): void => {
    leave(action, outcome, output);
    post({ type: 'settled', ids: [action.id, ...action.folded], outcome, output });
  };

  const readOn = async (queue: OutboxQueue, from: number): Promise<readonly StoredAction[]> => {
    const { actions } = await queue.load(from);
    for (const action of actions) {
      readUpTo = Math.max(readUpTo, action.seq);
      put(action);
    }
    return actions;
  };
  /** Reads everything: what is stored no more was done by another tab. */
  const readAll = async (queue: OutboxQueue): Promise<void> => {
    const known = view.all();
    const stored = new Set((await readOn(queue, 0)).map(({ seq }) => seq));
    for (const action of known) if (!stored.has(action.seq)) leave(action, 'confirmed');
  };

  const open = async (): Promise<Opened> => {
    let queue: OutboxQueue;
    try {
      queue = await storage.open(scope);
      durable = storage.durable;
    } catch (cause) {
      queue = await memoryStorage().open(scope);
      durable = false;
      warning = new RealtimeError('outbox/not-durable', `the queue ends with this page; the storage refused: ${String(cause)}`, { cause });
      logger.warn('the queue is kept in memory', { reason: String(cause) });
    }
    const journal = createJournal(queue);
    drain = createDrain({
      view, journal, policy, attempt, lanes, clock,
      listener: {
        onSending: onChanged,
        onChanged(actions) {
          for (const action of actions) put(action);
          post({ type: 'changed', actions });
        },
        onConfirmed: (action, output) => { settled(action, 'confirmed', output); },
        onGone: (action) => { leave(action, 'discarded'); },
        onOutcome,
        onStorageFailed: (error) => { logger.warn('the storage of the queue failed', { reason: String(error) }); },
      },
    });
    const opened = { queue, journal, drain };
    await readAll(queue);
    tabs.listen(scope, (message) => { onMessage(message, queue); });
    tabs.campaign(scope, ending.signal, (leading) => {
      readAll(queue).then(() => {
        if (!leading.aborted) drain?.start(leading);
        onChanged();
      }, (error: unknown) => { logger.warn('the queue could not be read', { reason: String(error) }); });
    });
    onChanged();
    return opened;
  };
  const opening = open();
  opening.catch((error: unknown) => { logger.warn('the queue could not be read', { reason: String(error) }); });

  const onMessage = (message: TabMessage, queue: OutboxQueue): void => {
    if (message.type === 'missed') {
      readAll(queue).then(() => { drain?.pump(); }, (error: unknown) => { logger.warn('the queue could not be read', { reason: String(error) }); });
    } else if (message.type === 'added') {
      readOn(queue, readUpTo).then(() => { drain?.pump(); }, (error: unknown) => { logger.warn('the queue could not be read', { reason: String(error) }); });
    } else if (message.type === 'changed') {
      for (const action of message.actions) put(action);
      drain?.pump();
    } else {
      for (const id of message.ids) {
        const action = view.byId(id);
        if (action !== undefined) leave(action, message.outcome, message.output);
      }
    }
  };

  const flushAdds = async (): Promise<void> => {
    const { queue } = await opening;
    const batch = adding;
    adding = [];
    if (batch.length === 0) return;
    try {
      const seqs = await queue.add(batch.map(({ action }) => action.record));
      batch.forEach(({ action, resolve }, at) => {
        const seq = seqs[at];
        if (seq === undefined) return;
        view.put({ ...action.record, seq });
        resolve(seq);
      });
      post({ type: 'added' });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };

  return {
    async add(action) {
      const { id } = action.record;
      if (action.effects.length > 0) writes.show({ id, order: AFTER_ALL + (unplaced += 1), effects: action.effects });
      try {
        const seq = await new Promise<number>((resolve, reject) => {
          adding.push({ action, resolve, reject });
          if (adding.length === 1) void Promise.resolve().then(flushAdds);
        });
        if (action.effects.length > 0) writes.show({ id, order: seq, effects: action.effects });
      } catch (error) {
        writes.withdraw(id);
        throw error;
      }
      const receipt = receipts.issue(id);
      onChanged();
      drain?.pump();
      return receipt;
    },
    async retry(id, input) {
      const { journal } = await opening;
      const action = view.byId(id);
      if (action === undefined) return;
      const again = await journal.update(action.seq, (now) => (now.failure === null ? null : { ...now, failure: null, ...(input !== undefined && { input }) }));
      if (again === null) return;
      put(again);
      post({ type: 'changed', actions: [again] });
      drain?.pump();
    },
    async discard(id) {
      const { journal } = await opening;
      const action = view.byId(id);
      if (action === undefined) return;
      const kept: StoredAction[] = [];
      await journal.change([action.seq], (found) => {
        kept.push(...[...found.values()].filter(({ failure, attempts }) => failure === null && attempts > 0));
        return { remove: kept.length > 0 ? [] : [action.seq] };
      });
      if (kept.length > 0) throw new RealtimeError('outbox/already-sent', 'the action was not discarded; it may be done already');
      settled(action, 'discarded');
    },
    wake: () => { drain?.wake(); },
    actions: () => view.all(),
    isSending: (seq) => drain?.sending.has(seq) ?? false,
    get draining() {
      return drain?.running ?? false;
    },
    get durable() {
      return durable;
    },
    get warning() {
      return warning;
    },
    end() {
      ending.abort();
      opening.then(({ queue }) => { queue.close(); }, () => undefined);
    },
  };
}
