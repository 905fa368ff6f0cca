import { createFakeClient } from '@ruwad/binding-conformance/fakeClient';
import { RealtimeError, type ChannelHandlers } from '@ruwad/realtime-core';
import { challengeDiscussions, eventNotifications } from '@ruwad/realtime-core/ruwad';
import { cleanup } from '@testing-library/vue';
import { ref, shallowRef } from 'vue';
import { afterEach, expect, it, vi } from 'vitest';
import { inSetup } from '../test/inSetup.ts';
import { useChannel } from './useChannel.ts';

afterEach(cleanup);

const payload = { user_id: 'sara', user_name: 'Sara', is_typing: true };
const typing = { event: 'typing', payload, meta: {} };

it('tells status, error and whether the channel is live', () => {
  const fake = createFakeClient();
  const { result } = inSetup(() => useChannel(eventNotifications, undefined), fake.client);
  const seen = () => [result.status.value, result.error.value, result.isConnected.value];
  expect(seen()).toEqual(['idle', null, false]);
  fake.channel('event-notifications').state.set({ status: 'live', previous: 'joining', since: 1, error: null });
  expect(seen()).toEqual(['live', null, true]);
  const error = new RealtimeError('channel/forbidden', 'refused');
  fake.channel('event-notifications').state.set({ status: 'failed', previous: 'live', since: 2, error });
  expect(seen()).toEqual(['failed', error, false]);
});

it('C6: calls the latest handlers, and new ones do not touch the subscription', () => {
  const fake = createFakeClient();
  const [first, second] = [vi.fn(), vi.fn()];
  const handlers = shallowRef<ChannelHandlers<typeof challengeDiscussions>>({ broadcasts: { typing: first } });
  inSetup(() => useChannel(challengeDiscussions, { challengeId: '1' }, handlers), fake.client);
  const channel = fake.channel('challenge_discussions:1');
  const opened = channel.subscribed();
  channel.broadcast(typing);
  handlers.value = { broadcasts: { typing: second } };
  channel.broadcast(typing);
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
  expect(channel.subscribed()).toBe(opened);
});

it('hands changes of a table to its handler', () => {
  const fake = createFakeClient();
  const onComment = vi.fn();
  inSetup(() => useChannel(challengeDiscussions, { challengeId: '1' }, { changes: { challenge_comments: onComment } }), fake.client);
  const change = { type: 'INSERT', row: { id: 'n' }, schema: 'public', table: 'challenge_comments', key: 'n', commitTimestamp: null } as const;
  fake.channel('challenge_discussions:1').change('challenge_comments', change);
  expect(onComment.mock.calls).toEqual([[change]]);
});

it('U2: goes over to another channel with the params, sends through it, and unmount releases it', async () => {
  const fake = createFakeClient();
  const challengeId = ref('1');
  const { result, unmount } = inSetup(() => useChannel(challengeDiscussions, () => ({ challengeId: challengeId.value })), fake.client);
  expect(fake.channel('challenge_discussions:1').holders()).toBeGreaterThan(0);
  challengeId.value = '2';
  expect(fake.channel('challenge_discussions:1').holders()).toBe(0);
  await result.send('typing', payload);
  expect(fake.channel('challenge_discussions:2').sent).toEqual([{ event: 'typing', payload }]);
  unmount();
  expect(fake.channel('challenge_discussions:2').holders()).toBe(0);
});
