import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTime } from '../lib/time.ts';
import { createManualClock } from '../testing/manualClock.ts';
import { DelayLine } from './delayLine.ts';

function line(): { clock: ReturnType<typeof createManualClock>; delays: DelayLine } {
  const clock = createManualClock(0);
  return { clock, delays: new DelayLine(createTime({ clock })) };
}

it('passes everything on in order, never before its time, whatever its delays', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ delayMs: fc.nat(50), waitMs: fc.nat(20) }), { maxLength: 40 }), (pushes) => {
      const { clock, delays } = line();
      const passed: { index: number; late: boolean }[] = [];
      pushes.forEach(({ delayMs, waitMs }, index) => {
        const dueMs = clock.now() + delayMs;
        delays.push(delayMs, () => passed.push({ index, late: clock.now() >= dueMs }));
        clock.advance(waitMs);
      });
      clock.advance(2_000);
      expect(passed).toEqual(pushes.map((_, index) => ({ index, late: true })));
      expect([delays.idle, clock.waiting]).toEqual([true, 0]);
    }),
  );
});

it('passes nothing while it is held, and all that is due at its release', () => {
  const { clock, delays } = line();
  const passed: number[] = [];
  delays.hold();
  delays.push(0, () => passed.push(1), 10);
  delays.push(100, () => passed.push(2), 5);
  clock.advance(50);
  expect([passed, delays.bytes]).toEqual([[], 15]);
  delays.release();
  expect([passed, delays.bytes]).toEqual([[1], 5]);
  clock.advance(50);
  expect(passed).toEqual([1, 2]);
});

it('passes everything on at once when it is flushed, and nothing after it was cleared', () => {
  const { clock, delays } = line();
  const passed: number[] = [];
  for (const n of [1, 2, 3]) delays.push(100, () => passed.push(n));
  delays.flush();
  expect(passed).toEqual([1, 2, 3]);
  delays.push(100, () => passed.push(4));
  delays.clear();
  clock.advance(1_000);
  expect([passed, clock.waiting]).toEqual([[1, 2, 3], 0]);
});
