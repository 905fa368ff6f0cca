import { createFakeClient, createFakeStore } from '@ruwad/binding-conformance/fakeClient';
import type { RealtimeClient } from '@ruwad/realtime-core';
import { cleanup } from '@testing-library/vue';
import { isReadonly, ref, watch } from 'vue';
import { afterEach, expect, it, vi } from 'vitest';
import { inSetup } from '../test/inSetup.ts';
import { useFeature } from './useFeature.ts';

afterEach(cleanup);

/** A feature that counts, and a way to see every instance made of it. */
function createCounters() {
  const made = new Map<string, ReturnType<typeof createFakeStore<{ count: number; label: string }>>>();
  const createCounter = (_realtime: RealtimeClient, { name }: { name: string }) => {
    const store = createFakeStore({ count: 0, label: name });
    made.set(name, store);
    return { store, actions: { add: (by: number) => store.set({ ...store.get(), count: store.get().count + by }) } };
  };
  return { made, createCounter };
}

it('returns a readonly ref per field, and the actions', () => {
  const { createCounter } = createCounters();
  const { result } = inSetup(() => useFeature(createCounter, { name: 'a' }), createFakeClient().client);
  result.add(2);
  expect(result.count.value).toBe(2);
  expect(isReadonly(result.count)).toBe(true);
});

it('runs dependents of the fields that changed only', () => {
  const { createCounter } = createCounters();
  const ran = vi.fn();
  const { result } = inSetup(() => {
    const counter = useFeature(createCounter, { name: 'a' });
    watch(counter.label, ran, { flush: 'sync' });
    return counter;
  }, createFakeClient().client);
  result.add(1);
  expect(ran).not.toHaveBeenCalled();
});

it('C6: shares one feature between components', () => {
  const { made, createCounter } = createCounters();
  const { client } = createFakeClient();
  const first = inSetup(() => useFeature(createCounter, { name: 'a' }), client);
  const second = inSetup(() => useFeature(createCounter, { name: 'a' }), client);
  first.result.add(1);
  expect(second.result.count.value).toBe(1);
  expect([...made.keys()]).toEqual(['a']);
  expect(made.get('a')?.listeners()).toBe(2);
});

it('U2: refs and actions go over to another feature with the options, and unmount releases it', () => {
  const { made, createCounter } = createCounters();
  const name = ref('a');
  const { result, unmount } = inSetup(() => useFeature(createCounter, () => ({ name: name.value })), createFakeClient().client);
  result.add(5);
  name.value = 'b';
  expect([result.label.value, result.count.value]).toEqual(['b', 0]);
  result.add(1);
  expect([made.get('a')?.get().count, made.get('b')?.get().count]).toEqual([5, 1]);
  expect(made.get('a')?.listeners()).toBe(0);
  unmount();
  expect(made.get('b')?.listeners()).toBe(0);
});
