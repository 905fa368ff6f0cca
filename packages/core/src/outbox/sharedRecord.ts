import type { Ending, QueueRecord } from './queueRecord.ts';
import { isOwn } from './sparedQueue.ts';
import type { StoredAction, TabMessage } from './types.ts';

/** A tab's record as this tab changes it, which the others are told of, and as they tell of it. */
export interface SharedRecord {
  /** The action is as it is now. */
  put(action: StoredAction): void;
  /** Tells of an action that the record has as it is. */
  tell(action: StoredAction): void;
  /** Later actions are now part of an earlier one. */
  absorb(head: StoredAction, rest: readonly number[]): void;
  /** This tab ended an action. The others hear of it once it is removed: a tab that opens before would read it, and not hear of its end. */
  settle(action: StoredAction, how: Ending, output?: unknown): void;
  /** Another tab changed or settled actions. */
  heard(message: Extract<TabMessage, { type: 'changed' | 'settled' }>): void;
}

/** What {@link createSharedRecord} is made of. */
interface SharedRecordParts {
  readonly record: QueueRecord;
  readonly post: (message: TabMessage) => void;
  /** Resolves when all that was removed is. */
  readonly flushed: () => Promise<void>;
}

/** What only this tab has is told to nobody. */
export function createSharedRecord({ record, post, flushed }: SharedRecordParts): SharedRecord {
  const tell = (action: StoredAction): void => {
    if (!isOwn(action.seq)) post({ type: 'changed', actions: [action] });
  };
  return {
    put(action) {
      record.put(action);
      tell(action);
    },
    tell,
    absorb(head, rest) {
      record.absorb(head, rest);
      tell(head);
    },
    settle(action, outcome, output) {
      record.leave(action, outcome, output);
      if (isOwn(action.seq)) return;
      const told = (): void => { post({ type: 'settled', ids: [action.id, ...action.folded], outcome, output }); };
      void flushed().then(told, told);
    },
    heard(message) {
      if (message.type === 'changed') {
        for (const action of message.actions) record.told(action);
        return;
      }
      for (const id of message.ids) {
        const action = record.view.byId(id);
        if (action !== undefined) record.leave(action, message.outcome, message.output);
        else record.end(id, message.outcome, message.output);
      }
    },
  };
}
