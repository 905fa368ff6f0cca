import { createFakeClient } from '@ruwad/binding-conformance/fakeClient';
import { challengeDiscussions } from '@ruwad/realtime-core/ruwad';
import { act, cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RealtimeProvider } from './RealtimeProvider.tsx';
import { useOptimizedRealtime } from './useOptimizedRealtime.ts';
import { useThrottledRealtime } from './useThrottledRealtime.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function setup() {
  const fake = createFakeClient();
  const wrapper = ({ children }: { children: ReactNode }) => <RealtimeProvider client={fake.client}>{children}</RealtimeProvider>;
  return { fake, wrapper, discussion: fake.client.channel(challengeDiscussions, { challengeId: '1' }) };
}
const TOPIC = 'challenge_discussions:1';
const comment = (key: string) => ({ type: 'INSERT', row: { id: key }, schema: 'public', table: 'challenge_comments', key, commitTimestamp: null }) as const;

it('F1: twenty rows within an interval are all handed to the latest handler, the first at once', () => {
  const { fake, wrapper, discussion } = setup();
  const [first, second] = [vi.fn(), vi.fn()];
  const { rerender } = renderHook(({ handler }) => useThrottledRealtime(discussion, handler, 500), { wrapper, initialProps: { handler: first } });
  const opened = fake.channel(TOPIC).subscribed();
  for (let n = 1; n <= 20; n += 1) fake.channel(TOPIC).change('challenge_comments', comment(String(n)));
  rerender({ handler: second });
  expect(fake.channel(TOPIC).subscribed()).toBe(opened);
  vi.advanceTimersByTime(500);
  expect(first.mock.calls).toEqual([[[comment('1')]]]);
  expect(second.mock.calls).toEqual([[Array.from({ length: 19 }, (_, index) => comment(String(index + 2)))]]);
});

it('U2: unmounting releases the channel and calls nothing afterwards, and StrictMode calls each handler once', () => {
  const { fake, wrapper, discussion } = setup();
  const handler = vi.fn();
  const { result, unmount } = renderHook(() => useThrottledRealtime(discussion, handler), { wrapper, reactStrictMode: true });
  expect(result.current).toEqual({ status: 'idle', error: null, isConnected: false });
  act(() => fake.channel(TOPIC).state.set({ status: 'live', previous: 'joining', since: 1, error: null }));
  expect(result.current.isConnected).toBe(true);
  fake.channel(TOPIC).change('challenge_comments', comment('1'));
  fake.channel(TOPIC).change('challenge_comments', comment('2'));
  unmount();
  vi.advanceTimersByTime(5_000);
  expect(handler).toHaveBeenCalledTimes(1);
  expect(fake.channel(TOPIC).holders()).toBe(0);
});

it('U2: channels subscribed to at run time are listed, ended one by one, and all end with the component', () => {
  const { fake, wrapper } = setup();
  const typing = vi.fn();
  const { result, rerender, unmount } = renderHook(() => useOptimizedRealtime(), { wrapper, reactStrictMode: true });
  const { subscribeToChannel } = result.current;
  let end: () => void = () => undefined;
  act(() => {
    end = subscribeToChannel(challengeDiscussions, { challengeId: '1' }, { broadcasts: { typing } });
    subscribeToChannel(challengeDiscussions, { challengeId: '2' });
  });
  expect(result.current.activeChannels).toEqual([TOPIC, 'challenge_discussions:2']);
  const before = result.current;
  rerender();
  expect(result.current).toBe(before);
  act(() => fake.channel(TOPIC).broadcast({ event: 'typing', payload: {}, meta: {} }));
  act(end);
  expect([typing.mock.calls.length, result.current.activeChannels, fake.channel(TOPIC).holders()]).toEqual([1, ['challenge_discussions:2'], 0]);
  unmount();
  expect(fake.channel('challenge_discussions:2').holders()).toBe(0);
});
