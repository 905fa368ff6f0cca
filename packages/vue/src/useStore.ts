import type { Store } from '@ruwad/realtime-core';
import { computed, getCurrentInstance, shallowRef, toValue, watch, type ComputedRef, type MaybeRefOrGetter, type ShallowRef } from 'vue';
import { useActive } from './useActive.ts';

/**
 * The value of a store as a readonly ref that holds the store's own objects (no deep proxies).
 * It subscribes when the component mounts, pauses under `<KeepAlive>`, and ends with its scope; on the server it
 * reads once and subscribes to nothing. While hydrating it is the store's initial value, which the server rendered.
 *
 * @param store - the store to read, or a ref or getter of it; when it becomes another store the subscription moves.
 * @param selector - the part to read; dependents run only when that part is another one by `Object.is`.
 */
export function useStore<T>(store: MaybeRefOrGetter<Store<T>>): ComputedRef<T>;
export function useStore<T, S>(store: MaybeRefOrGetter<Store<T>>, selector: (value: T) => S): ComputedRef<S>;
export function useStore<T, S>(store: MaybeRefOrGetter<Store<T>>, selector?: (value: T) => S): ComputedRef<T | S> {
  const active = useActive();
  // An element that is there before the first render is the server's.
  const hydrating = (getCurrentInstance()?.vnode.el ?? null) !== null;
  const value: ShallowRef<T> = shallowRef(hydrating ? toValue(store).initial : toValue(store).get());
  watch(
    [() => toValue(store), active],
    ([current, isActive], _previous, onCleanup) => {
      const read = () => (value.value = current.get());
      if (isActive) onCleanup(current.subscribe(read));
      if (isActive || !hydrating) read();
    },
    // In step with the store, so that no reader sees the value of the store before the last.
    { flush: 'sync', immediate: true },
  );
  return computed(() => (selector ? selector(value.value) : value.value));
}
