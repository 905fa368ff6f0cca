import { createFakeClient } from '@ruwad/binding-conformance/fakeClient';
import { challengeDiscussions } from '@ruwad/realtime-core/ruwad';
import { cleanup } from '@testing-library/vue';
import { ref } from 'vue';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { inSetup } from '../test/inSetup.ts';
import { useOptimizedRealtime } from './useOptimizedRealtime.ts';
import { useThrottledRealtime } from './useThrottledRealtime.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const TOPIC = 'challenge_discussions:1';
const comment = (key: string) => ({ type: 'INSERT', row: { id: key }, schema: 'public', table: 'challenge_comments', key, commitTimestamp: null }) as const;

it('F1: twenty rows within an interval are all handed on, the first at once', () => {
  const fake = createFakeClient();
  const handler = vi.fn();
  inSetup(() => useThrottledRealtime(fake.client.channel(challengeDiscussions, { challengeId: '1' }), handler, 500), fake.client);
  for (let n = 1; n <= 20; n += 1) fake.channel(TOPIC).change('challenge_comments', comment(String(n)));
  vi.advanceTimersByTime(500);
  expect(handler.mock.calls).toEqual([[[comment('1')]], [Array.from({ length: 19 }, (_, index) => comment(String(index + 2)))]]);
});

it('U2: goes over to another channel, tells its state, and unmounting releases it and calls nothing afterwards', () => {
  const fake = createFakeClient();
  const handler = vi.fn();
  const challengeId = ref('0');
  const { result, unmount } = inSetup(() => useThrottledRealtime(() => fake.client.channel(challengeDiscussions, { challengeId: challengeId.value }), handler), fake.client);
  challengeId.value = '1';
  expect(fake.channel('challenge_discussions:0').holders()).toBe(0);
  fake.channel(TOPIC).state.set({ status: 'live', previous: 'joining', since: 1, error: null });
  expect([result.status.value, result.error.value, result.isConnected.value]).toEqual(['live', null, true]);
  fake.channel(TOPIC).change('challenge_comments', comment('1'));
  fake.channel(TOPIC).change('challenge_comments', comment('2'));
  unmount();
  vi.advanceTimersByTime(5_000);
  expect(handler).toHaveBeenCalledTimes(1);
  expect(fake.channel(TOPIC).holders()).toBe(0);
});

it('U2: channels subscribed to at run time are listed, ended one by one, and all end with the component', () => {
  const fake = createFakeClient();
  const typing = vi.fn();
  const { result, unmount } = inSetup(useOptimizedRealtime, fake.client);
  const end = result.subscribeToChannel(challengeDiscussions, { challengeId: '1' }, { broadcasts: { typing } });
  result.subscribeToChannel(challengeDiscussions, { challengeId: '2' });
  expect(result.activeChannels.value).toEqual([TOPIC, 'challenge_discussions:2']);
  fake.channel(TOPIC).broadcast({ event: 'typing', payload: {}, meta: {} });
  end();
  expect([typing.mock.calls.length, result.activeChannels.value, fake.channel(TOPIC).holders()]).toEqual([1, ['challenge_discussions:2'], 0]);
  unmount();
  expect(fake.channel('challenge_discussions:2').holders()).toBe(0);
});
