import { expect, it } from 'vitest';
import { createTime } from '../../lib/time.ts';
import { createManualClock } from '../../testing/manualClock.ts';
import { RateMeter, TICK_MS } from './rateMeter.ts';

function metered(limit: number) {
  const clock = createManualClock();
  return { clock, meter: new RateMeter({ limit: () => limit, timers: createTime({ clock }).timers() }) };
}

it('lets a burst pass until it is looked at, and averages over what it saw since it began', () => {
  const { clock, meter } = metered(3);
  meter.count(30); // as 08c: thirty joins in half a second, against two per second
  expect(meter.exceeded).toBe(false);
  clock.advance(TICK_MS);
  expect([meter.average, meter.exceeded]).toEqual([3, true]);
  clock.advance(TICK_MS);
  expect([meter.average, meter.exceeded]).toEqual([2, false]);
});

it('forgets a burst after a minute', () => {
  const { clock, meter } = metered(1);
  meter.start();
  clock.advance(12 * TICK_MS);
  meter.count(120);
  clock.advance(TICK_MS);
  expect([meter.average, meter.exceeded]).toEqual([2, true]);
  clock.advance(11 * TICK_MS);
  expect(meter.average).toBe(2);
  clock.advance(TICK_MS);
  expect([meter.average, meter.exceeded]).toEqual([0, false]);
});

it('measures anew after a restart', () => {
  const { clock, meter } = metered(1);
  meter.count(1_000);
  clock.advance(TICK_MS);
  meter.restart();
  expect([meter.average, meter.exceeded]).toEqual([0, false]);
  clock.advance(TICK_MS);
  expect(meter.exceeded).toBe(false);
});
