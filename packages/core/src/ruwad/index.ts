export { ruwadActions } from './actions/index.ts';
export {
  bookmarks,
  challengeDiscussions,
  challengeNotifications,
  dashboardUpdates,
  eventNotifications,
  globalPresence,
  ideaNotifications,
  opportunityPresence,
  ruwadChannels,
  statisticsNotifications,
} from './channels.ts';
export { createBookmarks } from './features/bookmarks.ts';
export type { BookmarkDetails, Bookmarks, BookmarksActions, BookmarksState } from './features/bookmarks.ts';
export { createChallengeDiscussion } from './features/challengeDiscussion.ts';
export type {
  ChallengeDiscussion,
  ChallengeDiscussionActions,
  ChallengeDiscussionState,
  Participant,
  TypingUser,
} from './features/challengeDiscussion.ts';
export { createDashboardMetrics } from './features/dashboardMetrics.ts';
export type { DashboardMetricsActions, DashboardMetricsFeature, DashboardMetricsState } from './features/dashboardMetrics.ts';
export type { FeatureState, FeatureStatus } from './features/featureState.ts';
export { createGlobalPresence } from './features/globalPresence.ts';
export type {
  GlobalPresenceActions,
  GlobalPresenceFeature,
  GlobalPresenceFeatureState,
  OnlineUser,
  PresenceActivity,
} from './features/globalPresence.ts';
export { createIdeaNotifications } from './features/ideaNotifications.ts';
export type { IdeaNotifications, IdeaNotificationsState, IdeaUpdate } from './features/ideaNotifications.ts';
export { createOfflineQueue } from './features/offlineQueue.ts';
export type { OfflineQueue, OfflineQueueActions, OfflineQueueState } from './features/offlineQueue.ts';
export { createOpportunityPresence } from './features/opportunityPresence.ts';
export type {
  Collaborator,
  Cursor,
  OpportunityPresenceActions,
  OpportunityPresenceFeature,
  OpportunityPresenceFeatureState,
  OpportunityStatus,
} from './features/opportunityPresence.ts';
export { createRealTimeChallenges } from './features/realTimeChallenges.ts';
export type { RealTimeChallenges, RealTimeChallengesActions, RealTimeChallengesState } from './features/realTimeChallenges.ts';
export { createRealTimeEvents } from './features/realTimeEvents.ts';
export type { EventUpdate, RealTimeEvents, RealTimeEventsState } from './features/realTimeEvents.ts';
export { createStatistics } from './features/statistics.ts';
export type { StatAlert, Statistics, StatisticsActions, StatisticsState } from './features/statistics.ts';
export { analyticsEventRow, analyticsHourlyRow } from './rows/analytics.ts';
export type { AnalyticsEvent, AnalyticsHourly } from './rows/analytics.ts';
export { challengeBookmarkRow, eventBookmarkRow, ideaBookmarkRow, opportunityBookmarkRow, partnerBookmarkRow } from './rows/bookmark.ts';
export type { BookmarkType, ChallengeBookmark, EventBookmark, IdeaBookmark, OpportunityBookmark, PartnerBookmark } from './rows/bookmark.ts';
export { challengeCommentRow } from './rows/challengeComment.ts';
export type { ChallengeComment } from './rows/challengeComment.ts';
export { challengeNotificationRow } from './rows/challengeNotification.ts';
export type { ChallengeNotification } from './rows/challengeNotification.ts';
export { dashboardMetricsRow } from './rows/dashboardMetrics.ts';
export type { DashboardMetrics } from './rows/dashboardMetrics.ts';
export { eventRow } from './rows/event.ts';
export type { RuwadEvent } from './rows/event.ts';
export { ideaRow } from './rows/idea.ts';
export type { Idea } from './rows/idea.ts';
export type { GlobalPresenceState, OpportunityPresenceState } from './rows/presence.ts';
