import { expect, it } from 'vitest';
import { SerialQueue } from './serialQueue.ts';

it('runs a task at once and synchronously while nothing is pending', () => {
  const done: number[] = [];
  new SerialQueue(() => undefined).run(() => void done.push(1));
  expect(done).toEqual([1]);
});

it('keeps order while a task is pending, and goes on after one that throws', async () => {
  const events: unknown[] = [];
  const queue = new SerialQueue((error) => events.push(error));
  let finish: () => void = () => undefined;
  queue.run(() => new Promise((resolve) => (finish = resolve)));
  queue.run(() => void events.push('second'));
  queue.run(() => {
    throw new Error('thrown');
  });
  queue.run(() => Promise.reject(new Error('rejected')));
  const last = new Promise<void>((resolve) => queue.run(resolve));
  expect([events.length, queue.waiting]).toEqual([0, 4]);
  finish();
  await last;
  expect(events).toEqual(['second', new Error('thrown'), new Error('rejected')]);
});

it('forgets what has not started when it is cleared', async () => {
  const queue = new SerialQueue(() => undefined);
  let finish: () => void = () => undefined;
  const pending = new Promise<void>((resolve) => (finish = resolve));
  const events: string[] = [];
  queue.run(() => pending);
  queue.run(() => void events.push('forgotten'));
  queue.clear();
  finish();
  await pending;
  const after = new Promise<void>((resolve) => queue.run(resolve));
  await after;
  expect(events).toEqual([]);
});
