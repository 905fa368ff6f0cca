import type { Store } from '@ruwad/realtime-core';
import { useCallback, useMemo, useSyncExternalStore } from 'react';

/**
 * The value of a store, without tearing: every component of one render sees the same snapshot.
 * On the server and while hydrating it is the store's initial value, and nothing is subscribed.
 *
 * @param store - the store to read; when it is another one, the subscription moves.
 * @param selector - the part to read. The component renders when that part is another one by `Object.is`; a selector
 * that makes an object runs once per value of the store, so declare it outside the component.
 */
export function useStore<T>(store: Store<T>): T;
export function useStore<T, S>(store: Store<T>, selector: (value: T) => S): S;
export function useStore<T, S>(store: Store<T>, selector?: (value: T) => S): T | S {
  const subscribe = useCallback((listener: () => void) => store.subscribe(listener), [store]);
  const snapshot = useMemo(() => selected(() => store.get(), selector), [store, selector]);
  const served = useMemo(() => selected(() => store.initial, selector), [store, selector]);
  return useSyncExternalStore(subscribe, snapshot, served);
}

/** Reads a value, or a part of it: the same part, by identity, until the value changes. */
function selected<T, S>(read: () => T, selector: ((value: T) => S) | undefined): () => T | S {
  if (!selector) return read;
  let last: { value: T; part: S } | undefined;
  return () => {
    const value = read();
    if (!last || !Object.is(last.value, value)) last = { value, part: selector(value) };
    return last.part;
  };
}
