import { createStore, holdingStore, type Store } from '../store/store.ts';
import type { RealtimeError } from '../errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { OutboxEntry, OutboxState, StoredAction } from './types.ts';

/** What the state is read from. */
export interface StateSource {
  readonly actions: () => readonly StoredAction[];
  readonly sending: (seq: number) => boolean;
  readonly rest: () => { readonly draining: boolean; readonly online: boolean; readonly durable: boolean | null; readonly warning: RealtimeError | null };
}

/** The state of the outbox, made when somebody reads it. */
export interface LazyState {
  readonly store: Store<OutboxState>;
  /** Something changed. Subscribers are told once, at the end of the turn. */
  changed(): void;
}

/** A store over `source`: with a thousand actions waiting, one more must not cost a thousand entries. */
export function createLazyState(source: StateSource, hold: () => () => void, logger: Logger): LazyState {
  const initial: OutboxState = { pending: [], failed: [], draining: false, online: true, durable: null, warning: null };
  const versions = createStore(0, { logger });
  let state = initial;
  let stale = false;
  let telling = false;
  /** An entry stays the same object until its action changes. */
  const entries = new WeakMap<StoredAction, OutboxEntry>();

  const entryOf = (action: StoredAction): OutboxEntry => {
    const sending = source.sending(action.seq);
    const known = entries.get(action);
    if (known?.sending === sending) return known;
    const { id, name, input, enqueuedAt, lane, attempts, failure } = action;
    const entry = { id, name, input, enqueuedAt, lane, attempts, sending, failure };
    entries.set(action, entry);
    return entry;
  };
  const get = (): OutboxState => {
    if (!stale) return state;
    stale = false;
    const all = source.actions().map(entryOf);
    const next = { pending: all.filter(({ failure }) => failure === null), failed: all.filter(({ failure }) => failure !== null), ...source.rest() };
    state = { ...next, pending: same(state.pending, next.pending), failed: same(state.failed, next.failed) };
    return state;
  };
  return {
    store: holdingStore({ ...versions, initial, get, value$: versions.value$ as never }, hold), // makes a value$ of its own
    changed() {
      stale = true;
      if (telling) return;
      telling = true;
      queueMicrotask(() => {
        telling = false;
        versions.set(versions.get() + 1);
      });
    },
  };
}

/** The earlier list when both hold the same. */
function same<T>(before: readonly T[], now: readonly T[]): readonly T[] {
  return before.length === now.length && now.every((item, at) => item === before[at]) ? before : now;
}
