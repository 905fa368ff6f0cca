import { sameContent } from '../lib/sameContent.ts';
import type { OptimisticWrites } from '../live/optimisticWrites.ts';
import { effectsOf, type PreparedAction } from './prepareAction.ts';
import { createQueueView, idsOf, type QueueView } from './queueView.ts';
import type { Receipts } from './receipts.ts';
import type { ActionDefinition, StoredAction } from './types.ts';

/** How an action left the queue; `cancelled` when it and others cancelled each other out before they were sent. */
export type Ending = 'confirmed' | 'discarded' | 'cancelled';

/** A tab's copy of the queue, with what hangs on it: effects that are shown, and receipts. */
export interface QueueRecord {
  readonly view: QueueView;
  /** Takes in what `load` gives, without what left the queue meanwhile, and gives it; what was told meanwhile is newer. */
  read(load: () => Promise<readonly StoredAction[]>): Promise<readonly StoredAction[]>;
  /** An action as another tab tells of it; those that are not known are being read, or to be read yet, or gone. */
  told(action: StoredAction): void;
  /** Shows what has no place yet. */
  announce(action: PreparedAction): void;
  withdraw(action: PreparedAction): void;
  /** The action is as it is now. */
  put(action: StoredAction): void;
  /** An attempt is under way, or has ended without a result. */
  mark(action: StoredAction, status: 'sending' | 'stored'): void;
  leave(action: StoredAction, how: Ending, output?: unknown): void;
  /** An action that this tab has not read, or that is part of another, has left the queue. */
  end(id: string, how: Ending, output: unknown): void;
  /** Later actions are now part of an earlier one. */
  absorb(head: StoredAction, rest: readonly number[]): void;
}

/** What {@link createQueueRecord} is made of. */
interface QueueRecordParts {
  readonly definitionOf: (name: string) => ActionDefinition | undefined;
  readonly receipts: Receipts;
  readonly writes: OptimisticWrites;
  readonly onChanged: () => void;
}

/** Order of effects whose action has no place yet: after all that have one. */
const AFTER_ALL = 2 ** 52 + 2 ** 48;

/** Makes an empty record. */
export function createQueueRecord({ definitionOf, receipts, writes, onChanged }: QueueRecordParts): QueueRecord {
  const view = createQueueView();
  let unplaced = 0;
  let readers = 0;
  /** Actions that left while somebody read. */
  const left = new Set<string>();
  /** What was told of while somebody read. */
  const newer = new Map<string, StoredAction>();
  const show = (action: StoredAction): void => {
    const effects = effectsOf(definitionOf(action.name), action);
    if (effects.length > 0) writes.show({ id: action.id, order: action.seq, effects });
  };

  const end = (id: string, how: Ending, output: unknown): void => {
    if (readers > 0) left.add(id);
    if (how === 'confirmed') writes.confirm(id, output);
    else writes.withdraw(id);
    if (how === 'discarded') receipts.discard(id);
    else receipts.confirm(id, output);
  };

  const take = (action: StoredAction): void => {
    const before = view.get(action.seq);
    if (!view.put(action)) return;
    if (action.failure !== null) {
      for (const id of idsOf(action)) {
        writes.withdraw(id);
        receipts.fail(id, action.failure);
      }
    } else if (before?.failure !== null || before.name !== action.name || !sameContent(before.input, action.input)) {
      show(action);
      for (const id of idsOf(action)) receipts.move(id, 'stored');
    }
    onChanged();
  };
  const merge = (head: StoredAction, rest: readonly number[]): void => {
    take(head);
    for (const seq of rest) {
      const later = view.remove(seq);
      if (later === undefined) continue;
      if (readers > 0) left.add(later.id);
      writes.withdraw(later.id);
    }
    onChanged();
  };

  const noted = (action: StoredAction): StoredAction => {
    if (readers > 0) newer.set(action.id, action);
    return action;
  };

  /** As another tab has it, with what that one made part of it. */
  const bring = (action: StoredAction): void => {
    const parts = action.folded.flatMap((id) => view.byId(id)?.seq ?? []).filter((seq) => seq !== action.seq);
    if (parts.length > 0) merge(action, parts);
    else take(action);
  };

  return {
    view,
    end,
    async read(load) {
      readers += 1;
      try {
        const actions = (await load()).filter(({ id }) => !left.has(id)).map((action) => newer.get(action.id) ?? action);
        for (const action of actions) bring(action);
        return actions;
      } finally {
        readers -= 1;
        if (readers === 0) {
          left.clear();
          newer.clear();
        }
      }
    },
    told(action) {
      noted(action);
      if (view.get(action.seq) !== undefined) bring(action);
    },
    announce({ record, effects }) {
      if (effects.length > 0) writes.show({ id: record.id, order: AFTER_ALL + (unplaced += 1), effects });
    },
    withdraw({ record }) {
      writes.withdraw(record.id);
    },
    put(action) {
      take(noted(action));
    },
    mark(action, status) {
      for (const id of idsOf(action)) receipts.move(id, status);
      onChanged();
    },
    leave(action, how, output) {
      view.remove(action.seq);
      for (const id of idsOf(action)) end(id, how, output);
      onChanged();
    },
    absorb: (head, rest) => { merge(noted(head), rest); },
  };
}
