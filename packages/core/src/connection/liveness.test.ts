import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFakeClock } from '../../test/support/fakeClock.ts';
import { createLiveness } from './liveness.ts';

function setup() {
  const clock = createFakeClock();
  const probes: number[] = [];
  const deaths: number[] = [];
  const sleeps: { since: number; at: number }[] = [];
  const page = { hidden: false };
  const liveness = createLiveness({
    clock,
    probe: () => probes.push(clock.now()),
    onDead: () => deaths.push(clock.now()),
    onWoken: (since) => sleeps.push({ since, at: clock.now() }),
    isHidden: () => page.hidden,
  });
  return { clock, liveness, probes, deaths, sleeps, page };
}

test('C5: whenever a socket falls silent, it is asked, and given up within 30 s', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 12_000 }), { maxLength: 20 }), async (pauses) => {
      const { clock, liveness, probes, deaths } = setup();
      liveness.start();
      for (const pauseMs of pauses) {
        await clock.advance(pauseMs);
        liveness.heard();
      }
      expect(deaths).toEqual([]);
      const silentSince = clock.now();
      await clock.advance(30_000);
      expect(deaths).toHaveLength(1);
      expect(probes.some((at) => at >= silentSince)).toBe(true);
      await clock.advance(600_000);
      expect([deaths.length, clock.pending]).toEqual([1, 0]);
    }),
  );
});

test('C5: a quiet socket that answers lives for ever, and is asked no more than every 18 s', async () => {
  const { clock, liveness, probes, deaths } = setup();
  liveness.start();
  for (let second = 0; second < 3_600; second += 1) {
    const asked = probes.length;
    await clock.advance(1_000);
    if (probes.length > asked) liveness.heard();
  }
  expect(deaths).toEqual([]);
  expect(probes.length).toBeLessThanOrEqual(200);
});

test('a socket that talks is never asked', async () => {
  const { clock, liveness, probes } = setup();
  liveness.start();
  for (let second = 0; second < 600; second += 1) {
    await clock.advance(1_000);
    liveness.heard();
  }
  expect(probes).toEqual([]);
});

test('C5: after a sleep the socket is asked at once and has 2.5 s', async () => {
  const { clock, liveness, probes, deaths } = setup();
  liveness.start();
  clock.sleep(3_600_000);
  await clock.advance(0);
  expect(probes).toHaveLength(1);
  await clock.advance(2_499);
  expect(deaths).toEqual([]);
  await clock.advance(1);
  expect(deaths).toHaveLength(1);
});

test('after a sleep an answer keeps the socket', async () => {
  const { clock, liveness, probes, deaths } = setup();
  liveness.start();
  clock.sleep(3_600_000);
  await clock.advance(0);
  liveness.heard();
  await clock.advance(9_000);
  expect([probes.length, deaths.length]).toEqual([1, 0]);
});

test('R10: a sleep that the socket survived is told once, with when the device was last awake, and not before the server answered', async () => {
  const { clock, liveness, sleeps } = setup();
  liveness.start();
  await clock.advance(9_000);
  const awakeAt = clock.now();
  clock.sleep(40_000);
  await clock.advance(0);
  expect(sleeps).toEqual([]);
  await clock.advance(300);
  liveness.heard();
  liveness.heard();
  expect(sleeps).toEqual([{ since: awakeAt, at: clock.now() }]);
});

test('R10: a sleep that the socket did not survive is not told: the rejoin is', async () => {
  const { clock, liveness, deaths, sleeps } = setup();
  liveness.start();
  clock.sleep(3_600_000);
  await clock.advance(10_000);
  liveness.start();
  liveness.heard();
  expect([deaths.length, sleeps]).toEqual([1, []]);
});

test('R10: in a hidden page, whose timers come up to a minute late, only a longer pause is a sleep', async () => {
  const { clock, liveness, sleeps, page } = setup();
  page.hidden = true;
  liveness.start();
  for (const pauseMs of [60_000, 60_000, 600_000]) {
    clock.sleep(pauseMs);
    await clock.advance(0);
    liveness.heard();
  }
  expect(sleeps).toHaveLength(1);
});

test('a deadline that comes late gives the answer another chance', async () => {
  const { clock, liveness, deaths } = setup();
  liveness.start();
  liveness.wake();
  clock.sleep(4_000);
  await clock.advance(0);
  expect(deaths).toEqual([]);
  liveness.heard();
  await clock.advance(5_000);
  expect(deaths).toEqual([]);
});

test('C5: in a hidden page, whose timers come once a minute, a dead socket is given up within four minutes and a living one is kept', async () => {
  for (const lives of [true, false]) {
    const { clock, liveness, probes, deaths, page } = setup();
    page.hidden = true;
    liveness.start();
    for (let minute = 0; minute < 4; minute += 1) {
      const asked = probes.length;
      clock.sleep(60_000);
      await clock.advance(0);
      if (lives && probes.length > asked) liveness.heard();
    }
    expect([deaths.length, probes.length > 0]).toEqual([lives ? 0 : 1, true]);
  }
});

test('C1: once stopped it neither asks nor waits', async () => {
  const { clock, liveness, probes } = setup();
  liveness.start();
  liveness.wake();
  liveness.stop();
  liveness.wake();
  expect([probes.length, clock.pending]).toEqual([1, 0]);
  await clock.advance(60_000);
  expect(probes).toHaveLength(1);
});
