import { expect, test } from 'vitest';
import { createFakeClock } from '../../test/support/fakeClock.ts';
import { createHold } from './hold.ts';

function setup(lingerMs = 1_000) {
  const clock = createFakeClock();
  const log: string[] = [];
  const hold = createHold({ clock, lingerMs, start: () => log.push('start'), stop: () => log.push('stop') });
  return { clock, log, hold };
}

test('work starts with the first holder and ends a linger after the last', async () => {
  const { clock, log, hold } = setup();
  const [first, second] = [hold.acquire(), hold.acquire()];
  expect(log).toEqual(['start']);
  first();
  second();
  await clock.advance(999);
  expect([log, hold.active]).toEqual([['start'], true]);
  await clock.advance(1);
  expect([log, hold.active]).toEqual([['start', 'stop'], false]);
});

test('whoever comes back during the linger finds it running', async () => {
  const { clock, log, hold } = setup();
  hold.acquire()();
  await clock.advance(500);
  const release = hold.acquire();
  await clock.advance(5_000);
  expect(log).toEqual(['start']);
  release();
  release();
  await clock.advance(1_000);
  expect(log).toEqual(['start', 'stop']);
});

test('ending it stops the work at once and for good, and leaves no timer', () => {
  const { clock, log, hold } = setup();
  const release = hold.acquire();
  hold.acquire()();
  hold.end();
  expect(log).toEqual(['start', 'stop']);
  release();
  hold.acquire();
  expect([log, clock.pending]).toEqual([['start', 'stop'], 0]);
});
