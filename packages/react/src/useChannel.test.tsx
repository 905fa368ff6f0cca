import { createFakeClient } from '@ruwad/binding-conformance/fakeClient';
import { RealtimeError, type ChannelHandlers, type RealtimeClient } from '@ruwad/realtime-core';
import { challengeDiscussions, eventNotifications } from '@ruwad/realtime-core/ruwad';
import { act, cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, expect, it, vi } from 'vitest';
import { RealtimeProvider } from './RealtimeProvider.tsx';
import { useChannel } from './useChannel.ts';

afterEach(cleanup);

const within = ({ client }: { client: RealtimeClient }) =>
  function Wrapper({ children }: { children: ReactNode }) {
    return <RealtimeProvider client={client}>{children}</RealtimeProvider>;
  };
const payload = { user_id: 'sara', user_name: 'Sara', is_typing: true };
const typing = { event: 'typing', payload, meta: {} };

it('tells status, error and whether the channel is live', () => {
  const fake = createFakeClient();
  const { result } = renderHook(() => useChannel(eventNotifications, undefined), { wrapper: within(fake) });
  expect(result.current).toMatchObject({ status: 'idle', error: null, isConnected: false });
  act(() => fake.channel('event-notifications').state.set({ status: 'live', previous: 'joining', since: 1, error: null }));
  expect(result.current).toMatchObject({ status: 'live', isConnected: true });
  const error = new RealtimeError('channel/forbidden', 'refused');
  act(() => fake.channel('event-notifications').state.set({ status: 'failed', previous: 'live', since: 2, error }));
  expect(result.current).toMatchObject({ status: 'failed', error, isConnected: false });
});

it('C6: calls the latest handlers, and new ones do not touch the subscription', () => {
  const fake = createFakeClient();
  const [first, second] = [vi.fn(), vi.fn()];
  const { rerender } = renderHook(({ onTyping }) => useChannel(challengeDiscussions, { challengeId: '1' }, { broadcasts: { typing: onTyping } }), {
    wrapper: within(fake),
    initialProps: { onTyping: first },
  });
  const channel = fake.channel('challenge_discussions:1');
  const opened = channel.subscribed();
  act(() => channel.broadcast(typing));
  rerender({ onTyping: second });
  act(() => channel.broadcast(typing));
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
  expect(channel.subscribed()).toBe(opened);
});

it('hands changes of a table to its handler, also one that appears later', () => {
  const fake = createFakeClient();
  const onComment = vi.fn();
  const { rerender } = renderHook(({ handlers }: { handlers: ChannelHandlers<typeof challengeDiscussions> }) => useChannel(challengeDiscussions, { challengeId: '1' }, handlers), {
    wrapper: within(fake),
    initialProps: { handlers: {} },
  });
  const change = { type: 'INSERT', row: { id: 'n' }, schema: 'public', table: 'challenge_comments', key: 'n', commitTimestamp: null } as const;
  act(() => fake.channel('challenge_discussions:1').change('challenge_comments', change));
  rerender({ handlers: { changes: { challenge_comments: onComment } } });
  act(() => fake.channel('challenge_discussions:1').change('challenge_comments', change));
  expect(onComment.mock.calls).toEqual([[change]]);
});

it('sends through the channel with functions that stay the same', async () => {
  const fake = createFakeClient();
  const { result, rerender } = renderHook(() => useChannel(challengeDiscussions, { challengeId: '1' }), { wrapper: within(fake) });
  const { send } = result.current;
  rerender();
  expect(result.current.send).toBe(send);
  await send('typing', payload);
  expect(fake.channel('challenge_discussions:1').sent).toEqual([{ event: 'typing', payload }]);
});

it('U2: other params are another channel, and unmount releases it', () => {
  const fake = createFakeClient();
  const { rerender, unmount } = renderHook(({ id }) => useChannel(challengeDiscussions, { challengeId: id }), { wrapper: within(fake), initialProps: { id: '1' }, reactStrictMode: true });
  expect(fake.channel('challenge_discussions:1').holders()).toBeGreaterThan(0);
  rerender({ id: '2' });
  expect(fake.channel('challenge_discussions:1').holders()).toBe(0);
  unmount();
  expect(fake.channel('challenge_discussions:2').holders()).toBe(0);
});
