import * as z from 'zod/mini';
import { nullable, optional, text, timestamp, uuid } from './columns.ts';

const bookmark = { id: uuid, user_id: uuid, created_at: nullable(timestamp) };

/** A row of `challenge_bookmarks`. */
export const challengeBookmarkRow = z.object({ ...bookmark, challenge_id: uuid });
/** A row of `idea_bookmarks`. */
export const ideaBookmarkRow = z.object({ ...bookmark, idea_id: uuid });
/** A row of `event_bookmarks`. */
export const eventBookmarkRow = z.object({ ...bookmark, event_id: uuid });
/** A row of `opportunity_bookmarks`. */
export const opportunityBookmarkRow = z.object({ ...bookmark, opportunity_id: uuid });
/** A row of `partner_bookmarks`. */
export const partnerBookmarkRow = z.object({ ...bookmark, partner_id: uuid, notes: optional(text), priority: optional(text) });

/** A bookmarked challenge. */
export type ChallengeBookmark = z.infer<typeof challengeBookmarkRow>;
/** A bookmarked idea. */
export type IdeaBookmark = z.infer<typeof ideaBookmarkRow>;
/** A bookmarked event. */
export type EventBookmark = z.infer<typeof eventBookmarkRow>;
/** A bookmarked opportunity. */
export type OpportunityBookmark = z.infer<typeof opportunityBookmarkRow>;
/** A bookmarked partner. */
export type PartnerBookmark = z.infer<typeof partnerBookmarkRow>;

/** What can be bookmarked. */
export type BookmarkType = 'challenge' | 'idea' | 'event' | 'opportunity' | 'partner';
