import { createStore, type Store } from '@ruwad/realtime-core';
import { createFakeStore } from '@ruwad/binding-conformance/fakeClient';
import { act, cleanup, render, renderHook } from '@testing-library/react';
import { renderToString } from 'react-dom/server';
import { afterEach, expect, it, vi } from 'vitest';
import { useStore } from './useStore.ts';

afterEach(cleanup);

it('renders the value again when the store changes', () => {
  const store = createStore(1);
  const { result } = renderHook(() => useStore(store));
  expect(result.current).toBe(1);
  act(() => store.set(2));
  expect(result.current).toBe(2);
});

it('renders again only when the selected part is another one', () => {
  const store = createStore({ name: 'a', count: 0 });
  const rendered = vi.fn();
  renderHook(() => {
    rendered(useStore(store, (state) => state.name));
  });
  act(() => store.set({ name: 'a', count: 1 }));
  expect(rendered.mock.calls).toEqual([['a']]);
  act(() => store.set({ name: 'b', count: 1 }));
  expect(rendered.mock.calls).toEqual([['a'], ['b']]);
});

it('accepts a selector that makes an object, and makes it once per value', () => {
  const store = createStore({ count: 1 });
  const double = vi.fn((state: { count: number }) => ({ twice: state.count * 2 }));
  const { result, rerender } = renderHook(() => useStore(store, double));
  const first = result.current;
  rerender();
  expect(result.current).toBe(first);
  expect(double).toHaveBeenCalledTimes(1);
});

it('uses the latest selector', () => {
  const store = createStore({ a: 1, b: 2 });
  const { result, rerender } = renderHook(({ field }: { field: 'a' | 'b' }) => useStore(store, (state) => state[field]), { initialProps: { field: 'a' } });
  rerender({ field: 'b' });
  expect(result.current).toBe(2);
});

it('never leaves two values on one screen', () => {
  let value = 1;
  // Changes while a render is under way, and tells nobody: what tears a binding that only listens.
  const store: Store<number> = { initial: 1, get: () => value, subscribe: () => () => undefined, value$: createStore(0).value$ };
  const Reader = ({ before }: { before?: () => void }) => {
    const shown = useStore(store);
    before?.();
    return shown;
  };
  const { container } = render(
    <>
      <Reader before={() => (value = 2)} />
      <Reader />
    </>,
  );
  expect(container.textContent).toBe('22');
});

it('moves its subscription to another store', () => {
  const [one, two] = [createFakeStore('one'), createFakeStore('two')];
  const { result, rerender, unmount } = renderHook(({ store }) => useStore(store), { initialProps: { store: one } });
  rerender({ store: two });
  expect(result.current).toBe('two');
  expect([one.listeners(), two.listeners()]).toEqual([0, 1]);
  unmount();
  expect(two.listeners()).toBe(0);
});

it('C10: reads the store on the server without subscribing', () => {
  const store = createStore('initial');
  const subscribe = vi.spyOn(store, 'subscribe');
  const Reader = () => <p>{useStore(store)}</p>;
  expect(renderToString(<Reader />)).toBe('<p>initial</p>');
  expect(subscribe).not.toHaveBeenCalled();
});

it('U3: takes over what the server rendered, then follows the store', () => {
  const store = createStore('initial');
  const Reader = () => <p>{useStore(store)}</p>;
  const container = document.body.appendChild(document.createElement('div'));
  container.innerHTML = renderToString(<Reader />);
  const served = container.firstChild;
  render(<Reader />, { container, hydrate: true });
  act(() => store.set('live'));
  expect(container.innerHTML).toBe('<p>live</p>');
  expect(container.firstChild).toBe(served);
});

it('U3: hydrates with what the server rendered when the store has moved on meanwhile, selected or not', () => {
  const store = createStore({ name: 'initial' });
  const nameOf = vi.fn((state: { name: string }) => ({ name: state.name }));
  const shown: string[] = [];
  const Reader = () => {
    const { name } = useStore(store);
    shown.push(name, useStore(store, nameOf).name);
    return <p>{name}</p>;
  };
  const container = document.body.appendChild(document.createElement('div'));
  container.innerHTML = renderToString(<Reader />);
  const served = container.firstChild;
  store.set({ name: 'live' });
  shown.length = 0;
  const recoverable = vi.fn();
  render(<Reader />, { container, hydrate: true, onRecoverableError: recoverable });
  expect(recoverable).not.toHaveBeenCalled();
  expect([container.innerHTML, container.firstChild === served, shown]).toEqual(['<p>live</p>', true, ['initial', 'initial', 'live', 'live']]);
});
