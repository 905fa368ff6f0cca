import { expect, it } from 'vitest';
import { createManualClock } from '../testing/manualClock.ts';
import { createTime } from './time.ts';

it('scales delays, and leaves the wall clock alone', () => {
  const clock = createManualClock(1000);
  const time = createTime({ clock, timeScale: 0.1 });
  const calls: number[] = [];
  time.timers().after(5000, () => calls.push(time.now()));
  clock.advance(499);
  expect(calls).toEqual([]);
  clock.advance(1);
  expect(calls).toEqual([1500]);
});

it('repeats until cancelled, also from inside the action', () => {
  const clock = createManualClock(0);
  const timers = createTime({ clock }).timers();
  const calls: number[] = [];
  const cancel = timers.every(10, () => {
    calls.push(clock.now());
    if (calls.length === 3) cancel();
  });
  clock.advance(100);
  expect(calls).toEqual([10, 20, 30]);
});

it('calls nothing after clear, and what one timer cancels does not run', () => {
  const clock = createManualClock(0);
  const timers = createTime({ clock }).timers();
  const calls: string[] = [];
  timers.after(1, () => {
    calls.push('first');
    cancelSecond();
  });
  const cancelSecond = timers.after(1, () => calls.push('second'));
  timers.every(2, () => timers.clear());
  timers.after(3, () => calls.push('third'));
  clock.advance(100);
  expect(calls).toEqual(['first']);
});
