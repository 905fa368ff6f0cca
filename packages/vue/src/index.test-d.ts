import { createStore, type ChannelStatus, type Feature, type RealtimeClient, type RealtimeError } from '@ruwad/realtime-core';
import { challengeDiscussions, eventNotifications, type ChallengeComment, type ChallengeNotification } from '@ruwad/realtime-core/ruwad';
import { expectTypeOf } from 'vitest';
import { computed, ref, type ComputedRef } from 'vue';
import { useChallengeDiscussion, useChannel, useConnectionHealth, useFeature, useRealTimeChallenges, useStore } from './index.ts';

export function storeTypes() {
  const store = createStore({ count: 1, name: 'a' });
  const whole = useStore(store);
  const part = useStore(() => store, (state) => state.count);
  expectTypeOf(whole).toEqualTypeOf<ComputedRef<{ count: number; name: string }>>();
  expectTypeOf(part).toEqualTypeOf<ComputedRef<number>>();
  // @ts-expect-error what a composable returns is readonly
  part.value = 2;
}

export function channelTypes() {
  const discussion = useChannel(
    challengeDiscussions,
    () => ({ challengeId: '1' }),
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
  expectTypeOf(discussion.status).toEqualTypeOf<ComputedRef<ChannelStatus>>();
  expectTypeOf(discussion.error).toEqualTypeOf<ComputedRef<RealtimeError | null>>();
  void discussion.send('typing', { user_id: '1', user_name: 'Sara', is_typing: true });
  // @ts-expect-error the payload is the definition's
  void discussion.send('typing', { is_typing: 'yes' });
  // @ts-expect-error the params are the definition's
  useChannel(challengeDiscussions, { id: '1' });
  useChannel(eventNotifications, undefined);
}

declare const createCounter: (realtime: RealtimeClient, options: { from: number }) => Feature<{ count: number }, { add(by: number): void }>;

export function featureTypes() {
  const counter = useFeature(createCounter, ref({ from: 1 }));
  expectTypeOf(counter.count).toEqualTypeOf<ComputedRef<number>>();
  counter.add(1);
  // @ts-expect-error the options are the feature's
  useFeature(createCounter, { from: 'one' });

  const { notifications, markAsRead, error } = useRealTimeChallenges();
  expectTypeOf(notifications).toEqualTypeOf<ComputedRef<readonly ChallengeNotification[]>>();
  expectTypeOf(markAsRead).returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf(error).toEqualTypeOf<ComputedRef<RealtimeError | null>>();

  // A string, a ref or a getter.
  useChallengeDiscussion('1');
  useChallengeDiscussion(ref('1'));
  const { comments } = useChallengeDiscussion(computed(() => '1'));
  expectTypeOf(comments).toEqualTypeOf<ComputedRef<readonly ChallengeComment[]>>();
  const { connectionStatus } = useConnectionHealth();
  expectTypeOf(connectionStatus.value.lastConnected).toEqualTypeOf<Date | null>();
}
