import { describe } from 'vitest';
import type { BindingAdapter } from './adapter.ts';
import { testChallengeDiscussions } from './channels/challengeDiscussions.ts';
import { testChallengeNotifications } from './channels/challengeNotifications.ts';
import { testDashboardUpdates } from './channels/dashboardUpdates.ts';
import { testEventNotifications } from './channels/eventNotifications.ts';
import { testGlobalPresence } from './channels/globalPresence.ts';
import { testIdeaNotifications } from './channels/ideaNotifications.ts';
import { testOpportunityPresence } from './channels/opportunityPresence.ts';
import { testStatisticsNotifications } from './channels/statisticsNotifications.ts';
import { testBookmarks } from './outbox/bookmarks.ts';
import { testOfflineQueue } from './outbox/offlineQueue.ts';
import { testLifecycle } from './lifecycle.ts';
import { testPrimitives } from './primitives.ts';
import { createStage } from './stage.ts';

/**
 * The tests every binding passes: each of the eight channels from a write in Postgres or by a second person to what the
 * hook returns, over real sockets, and what mounting and unmounting cause on the wire.
 */
export function describeBinding(adapter: BindingAdapter): void {
  describe(adapter.name, () => {
    const stage = createStage(adapter);
    describe('eight channels', () => {
      testChallengeNotifications(stage);
      testChallengeDiscussions(stage);
      testDashboardUpdates(stage);
      testEventNotifications(stage);
      testIdeaNotifications(stage);
      testOpportunityPresence(stage);
      testStatisticsNotifications(stage);
      testGlobalPresence(stage);
    });
    describe('writes that wait', () => {
      testBookmarks(stage);
      testOfflineQueue(stage);
    });
    describe('primitives', () => testPrimitives(stage));
    describe('lifecycle', () => testLifecycle(stage));
  });
}
