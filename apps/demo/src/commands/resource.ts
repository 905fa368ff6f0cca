import { createStore, type Store } from '@ruwad/realtime-core';

interface ResourceState<T> {
  /** What was read last; null before the first answer. */
  readonly value: T | null;
  readonly error: unknown;
}

/** Something read once over REST and again on demand: for lists that no channel carries. */
export interface Resource<T> {
  readonly store: Store<ResourceState<T>>;
  readonly refresh: () => Promise<void>;
}

/** Makes a resource; it is read when somebody subscribes first. */
export function createResource<T>(load: () => Promise<T>): Resource<T> {
  let latest = 0;
  const refresh = async () => {
    const turn = ++latest;
    const next = await load().then(
      (value) => ({ value, error: null }),
      (error: unknown) => ({ value: store.get().value, error }),
    );
    // An answer that a newer question has overtaken would show the past.
    if (turn === latest) store.set(next);
  };
  const store = createStore<ResourceState<T>>(
    { value: null, error: null },
    {
      start: () => {
        void refresh();
        return () => undefined;
      },
    },
  );
  return { store, refresh };
}
