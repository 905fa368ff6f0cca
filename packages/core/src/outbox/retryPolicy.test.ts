import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepRuns } from '../../test/support/deep.ts';
import { createFakeClock } from '../../test/support/fakeClock.ts';
import { createRetryPolicy, type RetryPolicy } from './retryPolicy.ts';

const NOBODY: ReadonlySet<string> = new Set();

/** A policy whose waits are as long as they can be; `free` are the lanes that it lets send, one after the other. */
function setup({ isOnline = true, random = () => 0.999_999 }: { isOnline?: boolean; random?: () => number } = {}) {
  const clock = createFakeClock();
  const due: number[] = [];
  const policy = createRetryPolicy({ clock, random, isOnline: () => isOnline, onDue: () => due.push(clock.now()) });
  const free = (...lanes: string[]): string[] => {
    const sending = new Set<string>();
    for (let lane = policy.choose(lanes, sending); lane !== undefined; lane = policy.choose(lanes, sending)) sending.add(lane);
    return [...sending];
  };
  return { clock, due, policy, free };
}

/** So often, one after the other, with nothing heard in between. */
function fail(policy: RetryPolicy, times: number, ...[lane, reason, afterMs]: Parameters<RetryPolicy['failed']>): void {
  for (let count = 0; count < times; count += 1) policy.failed(lane, reason, afterMs);
}

test('a lane that a server in trouble refused waits alone, longer with each failure', async () => {
  const { clock, due, policy, free } = setup();
  policy.failed('a', 'busy', null);
  expect(free('a', 'b', 'c')).toEqual(['b', 'c']);
  await clock.advance(500);
  expect([free('a', 'b', 'c'), due.length]).toEqual([['a', 'b', 'c'], 1]);
  policy.failed('a', 'busy', null);
  await clock.advance(900);
  expect(free('a')).toEqual([]);
  await clock.advance(100);
  expect(free('a')).toEqual(['a']);
});

test.each(['network', 'token', 'identity'] as const)('%s is trouble of all lanes: they wait, then one tries, and when it gets through all send', async (reason) => {
  const { clock, policy, free } = setup();
  policy.failed('a', reason, null);
  expect(free('a', 'b')).toEqual([]);
  await clock.advance(500);
  expect(free('a', 'b')).toHaveLength(1);
  policy.answered('b');
  expect(free('a', 'b')).toEqual(['a', 'b']);
});

test('a server that failed two lanes in a row gets one request a wait, of another lane each time', async () => {
  const { clock, policy, free } = setup();
  policy.failed('a', 'busy', null);
  policy.failed('b', 'busy', null);
  const tried: string[] = [];
  for (let wait = 0; wait < 6; wait += 1) {
    expect(free('a', 'b', 'c')).toEqual([]);
    await clock.advance(5_000);
    const [lane = ''] = free('a', 'b', 'c');
    tried.push(lane);
    policy.failed(lane, 'busy', null);
  }
  expect([...tried.slice(0, 3)].sort()).toEqual(['a', 'b', 'c']);
  expect(tried.slice(3)).toEqual(tried.slice(0, 3));
});

test('a lane that always fails holds up no other', async () => {
  const { clock, policy, free } = setup();
  for (let round = 0; round < 20; round += 1) {
    policy.failed('poison', 'busy', null);
    expect(free('poison', 'good')).toEqual(['good']);
    policy.answered('good');
    await clock.advance(5_000);
  }
});

test('a server that asks for patience gets it, also when something says that it may work now, for 15 minutes at most', async () => {
  const { clock, policy, free } = setup();
  policy.failed('a', 'patience', 60_000);
  policy.wake();
  await clock.advance(59_999);
  expect(free('a', 'b')).toEqual([]);
  await clock.advance(1);
  expect(free('a', 'b')).toHaveLength(1);
  policy.failed('a', 'patience', 24 * 60 * 60_000);
  await clock.advance(15 * 60_000);
  expect(free('a', 'b')).toHaveLength(1);
});

test('Q3: of several times that the server asked for the longest is kept, whichever it said last', async () => {
  const { clock, policy, free } = setup();
  policy.failed('a', 'patience', 600_000);
  policy.failed('b', 'patience', null);
  policy.failed('c', 'busy', 20_000);
  policy.answered('d');
  await clock.advance(599_999);
  expect(free('a', 'b', 'c')).toEqual([]);
  await clock.advance(1);
  expect(free('a', 'b', 'c')).not.toEqual([]);
  policy.failed('a', 'patience', 10_000);
  policy.failed('b', 'patience', 60_000);
  await clock.advance(59_999);
  expect(free('a', 'b')).toEqual([]);
  policy.end();
  expect(clock.pending).toBe(0);
});

test('a busy server that names a time is given that time', async () => {
  const { clock, policy, free } = setup();
  policy.failed('a', 'busy', 20_000);
  await clock.advance(19_999);
  expect(free('a', 'b')).toEqual([]);
  await clock.advance(1);
  expect(free('a', 'b')).not.toEqual([]);
});

test('waking ends all waits but patience', () => {
  const { policy, free } = setup();
  fail(policy, 5, 'a', 'network', null);
  expect(free('a', 'b')).toEqual([]);
  policy.wake();
  expect(free('a', 'b')).toHaveLength(1);
  policy.answered('a');
  expect(free('a', 'b')).toEqual(['a', 'b']);
});

test('Q4: waits end within 5 s while the platform says that there is a network, within 30 s where it says that there is none', async () => {
  for (const [isOnline, capMs] of [[true, 5_000], [false, 30_000]] as const) {
    const { clock, policy, free } = setup({ isOnline });
    fail(policy, 50, 'a', 'network', null);
    await clock.advance(capMs * 0.99);
    expect(free('a')).toEqual([]);
    await clock.advance(capMs * 0.01);
    expect(free('a')).toEqual(['a']);
  }
});

test('ending it leaves no timer', () => {
  const { clock, policy } = setup();
  policy.failed('a', 'busy', null);
  policy.failed('b', 'patience', 1_000);
  policy.end();
  expect(clock.pending).toBe(0);
});

test('Q4: whatever was answered, a lane may send within 5 s of the last failure, unless the server asked for patience; and every lane in turn', async () => {
  const LANES = ['a', 'b', 'c'];
  const step = fc.record({ outcome: fc.constantFrom('network', 'busy', 'token', 'identity', 'ok', 'wake'), jitter: fc.double({ min: 0, max: 0.999, noNaN: true }), pick: fc.nat(2) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      let jitter = 0;
      const { clock, policy } = setup({ random: () => jitter });
      for (const { outcome, jitter: next, pick } of steps) {
        jitter = next;
        if (outcome === 'wake') policy.wake();
        else if (outcome === 'ok') policy.answered(LANES[pick] ?? '');
        else policy.failed(LANES[pick] ?? '', outcome, null);
      }
      const tried = new Set<string>();
      for (let round = 0; round < LANES.length; round += 1) {
        await clock.advance(5_000);
        const now = policy.choose(LANES.filter((lane) => !tried.has(lane)), NOBODY);
        expect(now).toBeDefined();
        tried.add(now ?? '');
        policy.failed(now ?? '', 'network', null);
      }
      expect([...tried].sort()).toEqual(LANES);
      policy.end();
      expect(clock.pending).toBe(0);
    }),
    { numRuns: deepRuns({ usual: 200, deep: 20_000 }) },
  );
});
