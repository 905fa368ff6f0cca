import { createStore, type ChannelStatus, type Feature, type RealtimeClient, type RealtimeError } from '@ruwad/realtime-core';
import { challengeDiscussions, eventNotifications, type ChallengeComment, type ChallengeNotification } from '@ruwad/realtime-core/ruwad';
import { expectTypeOf } from 'vitest';
import { useChallengeDiscussion, useChannel, useConnectionHealth, useFeature, useRealTimeChallenges, useStore } from './index.ts';

export function StoreTypes() {
  const store = createStore({ count: 1, name: 'a' });
  const whole = useStore(store);
  const part = useStore(store, (state) => state.count);
  expectTypeOf(whole).toEqualTypeOf<{ count: number; name: string }>();
  expectTypeOf(part).toEqualTypeOf<number>();
}

export function ChannelTypes() {
  const discussion = useChannel(
    challengeDiscussions,
    { challengeId: '1' },
    {
      changes: {
        challenge_comments: (change) => {
          if (change.type === 'DELETE') {
            expectTypeOf(change).not.toHaveProperty('row');
          } else expectTypeOf(change.row).toEqualTypeOf<ChallengeComment>();
        },
      },
      broadcasts: { typing: ({ payload }) => expectTypeOf(payload.is_typing).toEqualTypeOf<boolean>() },
    },
  );
  expectTypeOf(discussion.status).toEqualTypeOf<ChannelStatus>();
  expectTypeOf(discussion.error).toEqualTypeOf<RealtimeError | null>();
  void discussion.send('typing', { user_id: '1', user_name: 'Sara', is_typing: true });
  // @ts-expect-error the payload is the definition's
  void discussion.send('typing', { is_typing: 'yes' });
  // @ts-expect-error the params are the definition's
  useChannel(challengeDiscussions, { id: '1' });
  useChannel(eventNotifications, undefined);
  // @ts-expect-error the tables are the definition's
  useChannel(eventNotifications, undefined, { changes: { ideas: () => undefined } });
}

declare const createCounter: (realtime: RealtimeClient, options: { from: number }) => Feature<{ count: number }, { add(by: number): void }>;

export function FeatureTypes() {
  const counter = useFeature(createCounter, { from: 1 });
  expectTypeOf(counter.count).toEqualTypeOf<number>();
  counter.add(1);
  // @ts-expect-error the options are the feature's
  useFeature(createCounter, { from: 'one' });

  const { notifications, unreadCount, markAsRead, isConnected, error } = useRealTimeChallenges();
  expectTypeOf(notifications).toEqualTypeOf<readonly ChallengeNotification[]>();
  expectTypeOf(unreadCount).toEqualTypeOf<number>();
  expectTypeOf(markAsRead).returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf(isConnected).toEqualTypeOf<boolean>();
  expectTypeOf(error).toEqualTypeOf<RealtimeError | null>();

  const { comments } = useChallengeDiscussion('1');
  expectTypeOf(comments).toEqualTypeOf<readonly ChallengeComment[]>();
  const { connectionStatus, reconnect } = useConnectionHealth();
  expectTypeOf(connectionStatus.lastConnected).toEqualTypeOf<Date | null>();
  expectTypeOf(reconnect).toEqualTypeOf<() => void>();
}
