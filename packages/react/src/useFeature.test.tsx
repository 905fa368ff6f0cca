import { createFakeClient, createFakeStore } from '@ruwad/binding-conformance/fakeClient';
import type { RealtimeClient } from '@ruwad/realtime-core';
import { act, cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, expect, it } from 'vitest';
import { RealtimeProvider } from './RealtimeProvider.tsx';
import { useFeature } from './useFeature.ts';

afterEach(cleanup);

/** A feature that counts, and a way to see every instance made of it. */
function createCounters() {
  const made = new Map<string, ReturnType<typeof createFakeStore<{ count: number }>>>();
  const createCounter = (_realtime: RealtimeClient, { name }: { name: string }) => {
    const store = createFakeStore({ count: 0 });
    made.set(name, store);
    return { store, actions: { add: (by: number) => store.set({ count: store.get().count + by }) } };
  };
  return { made, createCounter };
}

const within = ({ client }: { client: RealtimeClient }) =>
  function Wrapper({ children }: { children: ReactNode }) {
    return <RealtimeProvider client={client}>{children}</RealtimeProvider>;
  };

it('returns state and actions in one object', () => {
  const { createCounter } = createCounters();
  const { result } = renderHook(() => useFeature(createCounter, { name: 'a' }), { wrapper: within(createFakeClient()) });
  act(() => result.current.add(2));
  expect(result.current.count).toBe(2);
});

it('C6: shares one feature between components, renders and StrictMode', () => {
  const { made, createCounter } = createCounters();
  const fake = createFakeClient();
  const options = { wrapper: within(fake), reactStrictMode: true };
  const first = renderHook(() => useFeature(createCounter, { name: 'a' }), options);
  const second = renderHook(() => useFeature(createCounter, { name: 'a' }), options);
  first.rerender();
  act(() => first.result.current.add(1));
  expect(second.result.current.count).toBe(1);
  expect([...made.keys()]).toEqual(['a']);
  expect(made.get('a')?.listeners()).toBe(2);
});

it('U2: goes over to another feature when the options change, and releases it on unmount', () => {
  const { made, createCounter } = createCounters();
  const { result, rerender, unmount } = renderHook(({ name }) => useFeature(createCounter, { name }), {
    wrapper: within(createFakeClient()),
    initialProps: { name: 'a' },
  });
  act(() => result.current.add(5));
  rerender({ name: 'b' });
  expect(result.current.count).toBe(0);
  expect(made.get('a')?.listeners()).toBe(0);
  unmount();
  expect(made.get('b')?.listeners()).toBe(0);
});
