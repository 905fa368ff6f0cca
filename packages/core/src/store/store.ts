import { Observable } from 'rxjs';
import { silentLogger, type Logger } from '../lib/logger.ts';

/** A value that changes: read it, or be told when to read it again. What the bindings are built on. */
export interface Store<T> {
  /** The value it was made with: what a server renders, and a page that takes over from one shows first. */
  readonly initial: T;
  /** The current value. The same object until something changed. */
  readonly get: () => T;
  /** Calls `listener` after every change, until the returned function is called. Subscribing may start work. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The current value on subscription, then every later one. Never errors, never completes. */
  readonly value$: Observable<T>;
}

/** A store with its writing side, for the code that owns the value. */
export interface WritableStore<T> extends Store<T> {
  /** Replaces the value; tells listeners unless it is the same (`Object.is`). */
  readonly set: (next: T) => void;
}

/** Options of {@link createStore}. */
export interface StoreOptions {
  /** Runs at the first listener; what it returns runs after the last one has gone. */
  start?: () => () => void;
  /** Told of listeners that throw; the other listeners are called all the same. */
  logger?: Logger;
}

/** Makes a store holding `initial`. */
export function createStore<T>(initial: T, { start, logger = silentLogger }: StoreOptions = {}): WritableStore<T> {
  let value = initial;
  let stop: (() => void) | undefined;
  // Entries, not functions: the same function subscribed twice is two subscriptions.
  const listeners = new Set<{ notify: () => void }>();

  const subscribe = (notify: () => void): (() => void) => {
    const entry = { notify };
    listeners.add(entry);
    if (listeners.size === 1) stop = start?.();
    return () => {
      if (!listeners.delete(entry) || listeners.size > 0) return;
      const ended = stop;
      stop = undefined;
      ended?.();
    };
  };

  const set = (next: T): void => {
    if (Object.is(next, value)) return;
    value = next;
    for (const entry of [...listeners]) {
      if (!listeners.has(entry)) continue; // it left while earlier listeners ran
      try {
        entry.notify();
      } catch (error) {
        logger.error('a store listener threw', { error });
      }
    }
  };

  return {
    initial,
    get: () => value,
    set,
    subscribe,
    value$: valueStream(() => value, subscribe),
  };
}

/**
 * A store that is another one, with `hold` called for the time of each subscription.
 *
 * @param hold - says that the store is in use; what it returns says that it no longer is.
 */
export function holdingStore<T>(store: Store<T>, hold: () => () => void): Store<T> {
  const subscribe = (listener: () => void): (() => void) => {
    const unsubscribe = store.subscribe(listener);
    const release = hold();
    return () => {
      unsubscribe();
      release();
    };
  };
  return { initial: store.initial, get: () => store.get(), subscribe, value$: valueStream(() => store.get(), subscribe) };
}

function valueStream<T>(get: () => T, subscribe: (listener: () => void) => () => void): Observable<T> {
  return new Observable((subscriber) => {
    let last: { value: T } | undefined;
    const emit = (): void => {
      const value = get();
      if (last !== undefined && Object.is(last.value, value)) return; // subscribing itself changed the value and told us
      last = { value };
      subscriber.next(value);
    };
    const unsubscribe = subscribe(emit);
    emit();
    return unsubscribe;
  });
}
