import { createFakeStore } from '@ruwad/binding-conformance/fakeClient';
import { createStore } from '@ruwad/realtime-core';
import { cleanup, render } from '@testing-library/vue';
import { createSSRApp, defineComponent, effectScope, h, isReactive, KeepAlive, nextTick, ref, shallowRef, watch, type Component } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { afterEach, expect, it, vi } from 'vitest';
import { inSetup } from '../test/inSetup.ts';
import { useStore } from './useStore.ts';

afterEach(cleanup);

/** A component that shows what `setup` returns. */
const showing = (setup: () => { value: unknown }): Component =>
  defineComponent({
    setup: () => {
      const shown = setup();
      return () => h('p', String(shown.value));
    },
  });

it('follows the store', () => {
  const store = createStore(1);
  const { result } = inSetup(() => useStore(store));
  expect(result.value).toBe(1);
  store.set(2);
  expect(result.value).toBe(2);
});

it('catches up with what changed between setup and mount', () => {
  const store = createStore('before');
  const { result } = inSetup(() => {
    const value = useStore(store);
    store.set('after');
    return value;
  });
  expect(result.value).toBe('after');
});

it('runs dependents only when the selected part is another one', () => {
  const store = createStore({ name: 'a', count: 0 });
  const ran = vi.fn();
  inSetup(() => watch(useStore(store, (state) => state.name), ran, { flush: 'sync' }));
  store.set({ name: 'a', count: 1 });
  expect(ran).not.toHaveBeenCalled();
  store.set({ name: 'b', count: 1 });
  expect(ran).toHaveBeenCalledTimes(1);
});

it("holds the store's own objects, not proxies", () => {
  const state = { rows: [{ id: 1 }] };
  const { result } = inSetup(() => useStore(createStore(state)));
  expect(result.value).toBe(state);
  expect(isReactive(result.value.rows)).toBe(false);
});

it('moves its subscription to another store at once', () => {
  const [one, two] = [createFakeStore('one'), createFakeStore('two')];
  const current = shallowRef(one);
  const { result } = inSetup(() => useStore(current));
  current.value = two;
  expect(result.value).toBe('two');
  expect([one.listeners(), two.listeners()]).toEqual([0, 1]);
});

it('U2: ends with its component', () => {
  const store = createFakeStore(0);
  const { unmount } = inSetup(() => useStore(store));
  expect(store.listeners()).toBe(1);
  unmount();
  expect(store.listeners()).toBe(0);
});

it('U2: ends with a scope outside components', () => {
  const store = createFakeStore(0);
  const scope = effectScope();
  const value = scope.run(() => useStore(store));
  store.set(1);
  expect(value?.value).toBe(1);
  scope.stop();
  expect(store.listeners()).toBe(0);
});

it('U2: lets go while KeepAlive keeps the component aside, and catches up on return', async () => {
  const store = createFakeStore('a');
  const shown = ref(true);
  const reader = showing(() => useStore(store));
  const { container } = render(defineComponent(() => () => h(KeepAlive, () => (shown.value ? h(reader) : null))));
  expect(store.listeners()).toBe(1);

  shown.value = false;
  await nextTick();
  expect(store.listeners()).toBe(0);
  store.set('b');

  shown.value = true;
  await nextTick();
  expect(container.textContent).toBe('b');
  expect(store.listeners()).toBe(1);
});

it('C10: reads the store on the server without subscribing', async () => {
  const store = createFakeStore('initial');
  const subscribe = vi.spyOn(store, 'subscribe');
  expect(await renderToString(createSSRApp(showing(() => useStore(store))))).toBe('<p>initial</p>');
  expect(subscribe).not.toHaveBeenCalled();
});

it('U3: takes over what the server rendered, then follows the store', async () => {
  const store = createStore('initial');
  const reader = showing(() => useStore(store));
  const container = document.createElement('div');
  container.innerHTML = await renderToString(createSSRApp(reader));
  const served = container.firstChild;
  const app = createSSRApp(reader);
  app.mount(container);
  store.set('live');
  await nextTick();
  expect(container.innerHTML).toBe('<p>live</p>');
  expect(container.firstChild).toBe(served);
  app.unmount();
});

it('U3: hydrates with what the server rendered when the store has moved on meanwhile', async () => {
  const store = createStore('initial');
  const shown: string[] = [];
  const reader = defineComponent(() => {
    const value = useStore(store);
    return () => (shown.push(value.value), h('p', value.value));
  });
  const container = document.createElement('div');
  container.innerHTML = await renderToString(createSSRApp(reader));
  store.set('live');
  shown.length = 0;
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const app = createSSRApp(reader);
  app.mount(container);
  await nextTick();
  expect(warn).not.toHaveBeenCalled();
  expect([shown, container.innerHTML]).toEqual([['initial', 'live'], '<p>live</p>']);
  app.unmount();
  warn.mockRestore();
});
