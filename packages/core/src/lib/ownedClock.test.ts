import { expect, test } from 'vitest';
import { createFakeClock } from '../../test/support/fakeClock.ts';
import { createOwnedClock } from './ownedClock.ts';

test('C1: when its owner ends, no timer is left and none can be started', async () => {
  const clock = createFakeClock();
  const owned = createOwnedClock(clock);
  const ran: string[] = [];
  owned.setTimeout(() => ran.push('soon'), 10);
  const cleared = owned.setTimeout(() => ran.push('cleared'), 10);
  owned.setTimeout(() => ran.push('late'), 1_000);
  owned.clearTimeout(cleared);
  await clock.advance(10);
  owned.end();
  owned.setTimeout(() => ran.push('after'), 10);
  expect(clock.pending).toBe(0);
  await clock.advance(10_000);
  expect(ran).toEqual(['soon']);
});
