import * as z from 'zod/mini';
import { defineChannel, type Filter } from '../channel/defineChannel.ts';
import { analyticsEventRow, analyticsHourlyRow } from './rows/analytics.ts';
import { challengeBookmarkRow, eventBookmarkRow, ideaBookmarkRow, opportunityBookmarkRow, partnerBookmarkRow } from './rows/bookmark.ts';
import { challengeCommentRow } from './rows/challengeComment.ts';
import { challengeNotificationRow } from './rows/challengeNotification.ts';
import { eventRow } from './rows/event.ts';
import { ideaRow } from './rows/idea.ts';
import { cursorMovePayload, fieldFocusPayload, globalPresenceState, opportunityPresenceState, typingPayload } from './rows/presence.ts';

const equals = (column: string, value: string): Filter => ({ column, operator: 'eq', value });

/** Notifications of one person about challenges. Row level security shows them to their recipient only. */
export const challengeNotifications = defineChannel({
  name: 'challengeNotifications',
  // The topic of the seed; params only choose the rows.
  topic: (_params: { userId: string }) => 'challenge-notifications',
  tables: {
    challenge_notifications: { row: challengeNotificationRow, filter: ({ userId }) => equals('recipient_id', userId) },
  },
});

/** The discussion of one challenge: its comments, and who is typing. */
export const challengeDiscussions = defineChannel({
  name: 'challengeDiscussions',
  topic: ({ challengeId }: { challengeId: string }) => `challenge_discussions:${challengeId}`,
  private: true,
  tables: {
    challenge_comments: { row: challengeCommentRow, version: 'updated_at', filter: ({ challengeId }) => equals('challenge_id', challengeId) },
  },
  broadcasts: { typing: typingPayload },
});

/**
 * Tells administrators that the dashboard's numbers changed. Triggers send it, because a view cannot be replicated;
 * the numbers themselves are read from `admin_dashboard_metrics_view`.
 */
export const dashboardUpdates = defineChannel({
  name: 'dashboardUpdates',
  topic: 'dashboard-updates',
  private: true,
  broadcasts: { metrics_changed: z.looseObject({}) },
});

/** Events of the platform. */
export const eventNotifications = defineChannel({
  name: 'eventNotifications',
  topic: 'event-notifications',
  tables: { events: { row: eventRow } },
});

/** Ideas of one innovator. */
export const ideaNotifications = defineChannel({
  name: 'ideaNotifications',
  topic: (_params: { innovatorId: string }) => 'idea-notifications',
  tables: { ideas: { row: ideaRow, version: 'updated_at', filter: ({ innovatorId }) => equals('innovator_id', innovatorId) } },
});

/** Who looks at one opportunity, where, and what they edit. */
export const opportunityPresence = defineChannel({
  name: 'opportunityPresence',
  topic: ({ opportunityId }: { opportunityId: string }) => `opportunity-presence-${opportunityId}`,
  private: true,
  broadcasts: { cursor_move: cursorMovePayload, field_focus: fieldFocusPayload },
  presence: opportunityPresenceState,
});

/** Counts by event type and hour; for administrators also the single events, from which alerts are made. */
export const statisticsNotifications = defineChannel({
  name: 'statisticsNotifications',
  topic: 'statistics-notifications',
  tables: {
    analytics_hourly: { row: analyticsHourlyRow, key: ['event_type', 'hour'] },
    analytics_events: { row: analyticsEventRow, events: ['INSERT'] },
  },
});

/** Who is on the platform, and where. */
export const globalPresence = defineChannel({
  name: 'globalPresence',
  topic: 'global-presence',
  private: true,
  presence: globalPresenceState,
});

const ofUser = ({ userId }: { userId: string }): Filter => equals('user_id', userId);

/** One person's bookmarks. A companion of the eight: nothing is sent over it but these tables' changes. */
export const bookmarks = defineChannel({
  name: 'bookmarks',
  topic: ({ userId }: { userId: string }) => `bookmarks:${userId}`,
  tables: {
    challenge_bookmarks: { row: challengeBookmarkRow, filter: ofUser },
    idea_bookmarks: { row: ideaBookmarkRow, filter: ofUser },
    event_bookmarks: { row: eventBookmarkRow, filter: ofUser },
    opportunity_bookmarks: { row: opportunityBookmarkRow, filter: ofUser },
    partner_bookmarks: { row: partnerBookmarkRow, filter: ofUser },
  },
});

/** The eight channels of the platform. */
export const ruwadChannels = [
  challengeNotifications,
  challengeDiscussions,
  dashboardUpdates,
  eventNotifications,
  ideaNotifications,
  opportunityPresence,
  statisticsNotifications,
  globalPresence,
] as const;
