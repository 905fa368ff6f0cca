import { config } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { silentLogger } from '../lib/logger.ts';
import { createStore, holdingStore } from './store.ts';

afterEach(() => {
  config.onUnhandledError = null;
});

test('R9: the value keeps its identity until it changes, and setting the same tells nobody', () => {
  const store = createStore({ count: 0 });
  let told = 0;
  store.subscribe(() => (told += 1));
  const before = store.get();
  store.set(before);
  expect([told, store.get() === before]).toEqual([0, true]);
  store.set({ count: 1 });
  expect([told, store.get()]).toEqual([1, { count: 1 }]);
});

test('C8: a listener that throws is reported and keeps nobody else from hearing', () => {
  const errors: unknown[] = [];
  const store = createStore(0, { logger: { ...silentLogger, error: (_message, fields) => errors.push(fields) } });
  const heard: number[] = [];
  store.subscribe(() => {
    throw new Error('mine');
  });
  store.subscribe(() => heard.push(store.get()));
  store.set(1);
  expect([heard, errors.length]).toEqual([[1], 1]);
});

test('C8: a stream subscriber that throws keeps nobody else from hearing', async () => {
  const reported: unknown[] = [];
  const twice = new Promise<void>((resolve) => {
    config.onUnhandledError = (error: unknown) => {
      if (reported.push(error) === 2) resolve();
    };
  });
  const store = createStore(0);
  const heard: number[] = [];
  store.value$.subscribe(() => {
    throw new Error('mine');
  });
  store.value$.subscribe((value) => heard.push(value));
  store.set(1);
  expect(heard).toEqual([0, 1]);
  await twice;
  expect(reported).toMatchObject([{ message: 'mine' }, { message: 'mine' }]);
});

test('C8: nothing is delivered after unsubscribe, even when an earlier listener unsubscribes a later one', () => {
  const store = createStore(0);
  const heard: string[] = [];
  const stops: (() => void)[] = [];
  store.subscribe(() => {
    heard.push('first');
    for (const stop of stops) stop();
  });
  stops.push(store.subscribe(() => heard.push('second')));
  store.set(1);
  store.set(2);
  expect(heard).toEqual(['first', 'first']);
});

test('the same function subscribed twice is two subscriptions', () => {
  const store = createStore(0);
  let told = 0;
  const listener = () => {
    told += 1;
  };
  const stop = store.subscribe(listener);
  store.subscribe(listener);
  store.set(1);
  stop();
  stop();
  store.set(2);
  expect(told).toBe(3);
});

test('work starts with the first listener and ends with the last', () => {
  const log: string[] = [];
  const store = createStore(0, {
    start() {
      log.push('start');
      return () => log.push('stop');
    },
  });
  const [a, b] = [store.subscribe(() => undefined), store.subscribe(() => undefined)];
  a();
  expect(log).toEqual(['start']);
  b();
  expect(log).toEqual(['start', 'stop']);
  store.subscribe(() => undefined);
  expect(log).toEqual(['start', 'stop', 'start']);
});

test('the stream gives the current value once, even when subscribing changes it', () => {
  const store = createStore(0, {
    start() {
      store.set(1);
      return () => undefined;
    },
  });
  const values: number[] = [];
  store.value$.subscribe((value) => values.push(value));
  store.set(2);
  expect(values).toEqual([1, 2]);
});

test('a holding store says for each subscription that it is in use', () => {
  let held = 0;
  const inner = createStore(0);
  const store = holdingStore(inner, () => {
    held += 1;
    return () => (held -= 1);
  });
  const stop = store.subscribe(() => undefined);
  const subscription = store.value$.subscribe();
  expect(held).toBe(2);
  stop();
  subscription.unsubscribe();
  expect(held).toBe(0);
});

test('the initial value stays, also of a holding store', () => {
  const inner = createStore('initial');
  const store = holdingStore(inner, () => () => undefined);
  inner.set('later');
  expect([inner.initial, store.initial, store.get()]).toEqual(['initial', 'initial', 'later']);
});
