import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFakeClock } from '../../test/support/fakeClock.ts';
import { createJoinBudget } from './joinBudget.ts';

test('C2: whenever joins are asked for, no time has more of them than its budget, and all are granted in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ pauseMs: fc.nat(3_000), joins: fc.nat(15) }), { maxLength: 15 }), async (asks) => {
      const clock = createFakeClock();
      const budget = createJoinBudget(clock);
      const grants: { n: number; at: number }[] = [];
      let asked = 0;
      for (const { pauseMs, joins } of asks) {
        await clock.advance(pauseMs);
        for (let join = 0; join < joins; join += 1) {
          const n = asked++;
          budget.take(() => grants.push({ n, at: clock.now() }));
        }
      }
      await clock.advance(1_000 * asked);
      expect(grants.map(({ n }) => n)).toEqual(Array.from({ length: asked }, (_, n) => n));
      for (const [first, { at }] of grants.entries()) {
        for (const [more, last] of grants.slice(first).entries()) expect(more + 1).toBeLessThanOrEqual(20 + Math.ceil((last.at - at) / 1_000));
      }
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test('a request that was taken back is not granted, uses nothing up, and leaves no timer', async () => {
  const clock = createFakeClock();
  const budget = createJoinBudget(clock);
  const granted: string[] = [];
  for (let n = 0; n < 20; n += 1) budget.take(() => granted.push('burst'));
  const takeBack = budget.take(() => granted.push('taken back'));
  const late = budget.take(() => granted.push('late'));
  takeBack();
  await clock.advance(1_000);
  expect(granted.slice(20)).toEqual(['late']);
  late();
  budget.take(() => granted.push('never'))();
  expect(clock.pending).toBe(0);
});
