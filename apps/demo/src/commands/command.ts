import { createStore, type Store } from '@ruwad/realtime-core';

export interface CommandState {
  readonly pending: boolean;
  /** Why the last run failed; null before the first, while one runs and after a good one. */
  readonly error: unknown;
}

/** An action with its progress, for buttons and forms. */
export interface Command<Args extends unknown[]> {
  readonly store: Store<CommandState>;
  /** Runs the action; resolves to whether it succeeded. A run while one is pending is ignored. */
  readonly run: (...args: Args) => Promise<boolean>;
}

/** Wraps an action so that its progress and failure can be shown. */
export function createCommand<Args extends unknown[]>(action: (...args: Args) => Promise<unknown>): Command<Args> {
  const store = createStore<CommandState>({ pending: false, error: null });
  return {
    store,
    async run(...args) {
      if (store.get().pending) return false;
      store.set({ pending: true, error: null });
      try {
        await action(...args);
        store.set({ pending: false, error: null });
        return true;
      } catch (error) {
        store.set({ pending: false, error });
        return false;
      }
    },
  };
}
