import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reconnectDelay, rejoinDelay, type ReconnectOptions } from './reconnectDelay.ts';


test('C2: a lost socket is tried again at once, one whose server restarts within 20 s, later ones with full jitter up to 30 s', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 1, max: 40 }), (chance, attempt) => {
      const random = (): number => chance;
      expect(reconnectDelay({ attempt: 0, restarting: false }, random)).toBe(0);
      expect(reconnectDelay({ attempt: 0, restarting: true }, random)).toBe(chance * 20_000);
      expect(reconnectDelay({ attempt, restarting: false }, random)).toBe(chance * Math.min(30_000, 20_000 * 2 ** (attempt - 1)));
    }),
  );
});

/** Most arrivals in any second of the clock. */
function peak(arrivals: readonly number[]): number {
  const seconds = new Map<number, number>();
  for (const atMs of arrivals) seconds.set(Math.floor(atMs / 1_000), (seconds.get(Math.floor(atMs / 1_000)) ?? 0) + 1);
  return Math.max(...seconds.values());
}

function seeded(): () => number {
  let state = 20_261_122;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** When each of a thousand clients is back, in ms after it lost a server that is away for `downMs`. */
function arrivals(downMs: number, restarting: boolean, options?: ReconnectOptions): number[] {
  const random = seeded();
  return Array.from({ length: 1_000 }, () => {
    let atMs = reconnectDelay({ attempt: 0, restarting }, random, options);
    for (let attempt = 1; atMs < downMs; attempt += 1) atMs += reconnectDelay({ attempt, restarting }, random, options);
    return atMs;
  });
}

test('C2: a thousand clients stay under 100 joins a second after a restart that says so, and after one that does not', () => {
  for (const downMs of [0, 500, 3_000, 10_000, 30_000]) {
    for (const restarting of [true, false]) {
      if (!restarting && downMs === 0) continue; // a cut that concerns one client
      expect(peak(arrivals(downMs, restarting)), `${restarting ? 'announced' : 'unannounced'}, ${String(downMs)} ms down`).toBeLessThan(100);
    }
  }
});

test('C2: forty clients that are cut off together join again over more than half a second, those whose retry waited at once', () => {
  const random = seeded();
  for (let round = 0; round < 500; round += 1) {
    const waits = Array.from({ length: 40 }, () => rejoinDelay({ atOnce: true }, random));
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(500);
    expect(Math.max(...waits)).toBeLessThan(750);
  }
  expect([rejoinDelay({ atOnce: true }, random, { rejoinMs: 0 }), rejoinDelay({ atOnce: false }, random)]).toEqual([0, 0]);
});

test('the usual ceilings of half a second, one, two … would bring them back in a crowd', () => {
  for (const restarting of [true, false]) expect(peak(arrivals(3_000, restarting, { baseMs: 500 }))).toBeGreaterThan(100);
});
