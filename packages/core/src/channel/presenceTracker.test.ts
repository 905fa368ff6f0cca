import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFakeClock, settle } from '../../test/support/fakeClock.ts';
import { RealtimeError } from '../errors.ts';
import type { Join } from '../wire/types.ts';
import { createPresenceTracker } from './presenceTracker.ts';

function setup() {
  const clock = createFakeClock();
  const calls: { at: number; state: unknown }[] = [];
  const join: Join = {
    send: () => Promise.resolve(),
    track: (state) => Promise.resolve(void calls.push({ at: clock.now(), state })),
    untrack: () => Promise.resolve(void calls.push({ at: clock.now(), state: null })),
    presenceCalls: [],
    leave: () => Promise.resolve(),
  };
  return { clock, calls, join, tracker: createPresenceTracker(clock) };
}

test('P1: of any calls at any times at most five leave within 30 s, and the last state is always the latest', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(4_000), fc.nat(3)), { minLength: 1, maxLength: 60 }), async (steps) => {
    const { clock, calls, join, tracker } = setup();
    tracker.onLive(join);
    let last = 0;
    for (const [waitMs, state] of steps) {
      await clock.advance(waitMs);
      void tracker.track(state);
      last = state;
    }
    await clock.advance(120_000);
    expect(calls.at(-1)?.state).toBe(last);
    for (const { at } of calls) expect(calls.filter((call) => call.at >= at && call.at < at + 30_000).length).toBeLessThanOrEqual(5);
    expect(clock.pending).toBe(0);
  }), { numRuns: 60 });
});

test('callers are answered when their state or a later one is shared', async () => {
  const { clock, calls, join, tracker } = setup();
  const answered: number[] = [];
  for (let n = 0; n < 8; n += 1) void tracker.track(n).then(() => answered.push(n));
  tracker.onLive(join);
  await settle();
  expect([answered, calls.map(({ state }) => state)]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], [7]]);
  await tracker.track(7);
  expect(calls.length).toBe(1);
  await clock.advance(0);
});

test('P2: a new join is told the latest state, also one given while there was no join', async () => {
  const { calls, join, tracker } = setup();
  tracker.onLive(join);
  await tracker.track('a');
  tracker.onDown();
  void tracker.track('b');
  await settle();
  tracker.onLive({ ...join });
  await settle();
  expect(calls.map(({ state }) => state)).toEqual(['a', 'b']);
});

test('a refusal rejects those who wait, and what they ask next is tried', async () => {
  const { calls, join, tracker } = setup();
  const error = new RealtimeError('channel/send-rejected', 'no');
  let refuse = true;
  tracker.onLive({ ...join, track: (state) => (refuse ? Promise.reject(error) : join.track(state)) });
  await expect(tracker.track('a')).rejects.toBe(error);
  refuse = false;
  await tracker.track('b');
  await tracker.untrack();
  expect(calls.map(({ state }) => state)).toEqual(['b', null]);
});

test('a refusal is for those who asked for it; whoever asked for a later state meanwhile hears of that one', async () => {
  const { calls, join, tracker } = setup();
  const error = new RealtimeError('channel/presence-too-large', 'no');
  tracker.onLive({ ...join, track: (state) => (state === 'large' ? Promise.reject(error) : join.track(state)) });
  const refused = expect(tracker.track('large')).rejects.toBe(error);
  const accepted = tracker.track('small');
  await refused;
  await accepted;
  expect(calls.map(({ state }) => state)).toEqual(['small']);
});

test('whoever asked for a state that was shared does not wait for the next one, which has to keep to the limit', async () => {
  const { clock, calls, join, tracker } = setup();
  tracker.onLive(join);
  for (let n = 0; n < 4; n += 1) await tracker.track(n);
  const fifth = tracker.track('fifth');
  const sixth = tracker.track('sixth');
  await fifth;
  expect(calls.length).toBe(5);
  await clock.advance(31_000);
  await sixth;
});
