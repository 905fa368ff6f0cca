import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import type { RealtimeError } from '../../errors.ts';
import { uuid7 } from '../../lib/uuid7.ts';
import { addBookmarkAction, addBookmarkRow, removeBookmarkAction, removeBookmarkRows } from '../actions/bookmarks.ts';
import { bookmarks } from '../channels.ts';
import type { BookmarkType, ChallengeBookmark, EventBookmark, IdeaBookmark, OpportunityBookmark, PartnerBookmark } from '../rows/bookmark.ts';
import { command, noUser, requireUser, write } from './command.ts';
import { derivedStore } from './derivedStore.ts';
import { idleFeature, type FeatureState, type FeatureStatus } from './featureState.ts';

/** Most bookmarks of one kind that are kept. */
const LIMIT = 1_000;

/** State of {@link createBookmarks}: the signed-in person's bookmarks, newest first. */
export interface BookmarksState extends FeatureState {
  readonly challengeBookmarks: readonly ChallengeBookmark[];
  readonly ideaBookmarks: readonly IdeaBookmark[];
  readonly eventBookmarks: readonly EventBookmark[];
  readonly opportunityBookmarks: readonly OpportunityBookmark[];
  readonly partnerBookmarks: readonly PartnerBookmark[];
  /** Ids of bookmarks that the server has not confirmed yet. */
  readonly pendingIds: ReadonlySet<string>;
  /** Whether the first rows are still being read. */
  readonly loading: boolean;
}

/** What is kept with a partner's bookmark; other kinds have no such columns. */
export interface BookmarkDetails {
  /** At most 2,000 characters. */
  readonly notes?: string;
  /** @defaultValue `'medium'` */
  readonly priority?: 'low' | 'medium' | 'high';
}

/**
 * Actions of {@link createBookmarks}. They show at once when the client has an outbox, and resolve once the write is stored on
 * this device, offline too; without one they resolve once it is done. They reject with a `RealtimeError`.
 */
export interface BookmarksActions {
  readonly isBookmarked: (itemId: string, itemType: BookmarkType) => boolean;
  /** Without effect when the item is bookmarked already. */
  readonly addBookmark: (itemId: string, itemType: BookmarkType, details?: BookmarkDetails) => Promise<void>;
  /** Without effect when the item is not bookmarked. */
  readonly removeBookmark: (itemId: string, itemType: BookmarkType) => Promise<void>;
}

/** What {@link createBookmarks} gives. */
export type Bookmarks = Feature<BookmarksState, BookmarksActions>;

/** The signed-in person's bookmarks of five kinds, over one channel. Without a person it stays idle, with the error `auth/no-user`. */
export function createBookmarks(realtime: RealtimeClient): Bookmarks {
  const { user, supabase, logger, clock } = realtime;
  const source = user === null ? null : sourceOf(realtime, user.id);
  const none = { challengeBookmarks: [], ideaBookmarks: [], eventBookmarks: [], opportunityBookmarks: [], partnerBookmarks: [] };
  const initial: BookmarksState = { ...idleFeature, ...none, error: user === null ? noUser('bookmarks') : null, pendingIds: new Set(), loading: false };
  let pending: { readonly of: readonly ReadonlySet<string>[]; readonly ids: ReadonlySet<string> } = { of: [], ids: initial.pendingIds };

  const store = derivedStore<BookmarksState>({
    initial,
    logger,
    sources: source === null ? [] : [source.channel.store, ...Object.values(source.queries).map(({ store: rows }) => rows)],
    derive() {
      if (source === null) return initial;
      const { challenge, idea, event, opportunity, partner } = source.queries;
      const states = Object.values(source.queries).map(({ store: rows }) => rows.get());
      const keys = states.map(({ pendingKeys }) => pendingKeys);
      if (keys.some((set, at) => set !== pending.of[at])) pending = { of: keys, ids: new Set(keys.flatMap((set) => [...set])) };
      const { status, error } = worstOf(states);
      return {
        ...{ status, error, loading: status === 'loading', isConnected: source.channel.store.get().status === 'live', pendingIds: pending.ids },
        challengeBookmarks: challenge.store.get().rows,
        ideaBookmarks: idea.store.get().rows,
        eventBookmarks: event.store.get().rows,
        opportunityBookmarks: opportunity.store.get().rows,
        partnerBookmarks: partner.store.get().rows,
      };
    },
  });
  const idsOf = (itemId: string, itemType: BookmarkType): string[] => {
    const rows: readonly { readonly id: string }[] = source?.queries[itemType].store.get().rows ?? [];
    return rows.filter((row) => (row as Record<string, unknown>)[`${itemType}_id`] === itemId).map(({ id }) => id); // each kind has its column
  };

  return {
    store,
    actions: {
      isBookmarked: (itemId, itemType) => idsOf(itemId, itemType).length > 0,
      async addBookmark(itemId, itemType, { notes, priority } = {}) {
        const { id: user_id } = requireUser(realtime, 'adding a bookmark');
        if (idsOf(itemId, itemType).length > 0) return;
        const details = itemType === 'partner' ? { ...(notes !== undefined && { notes }), ...(priority !== undefined && { priority }) } : {};
        const input = { id: uuid7(clock.now()), user_id, item_type: itemType, item_id: itemId, ...details };
        await write(realtime, addBookmarkAction, input, () => command('adding a bookmark', addBookmarkRow(supabase, input)));
      },
      async removeBookmark(itemId, itemType) {
        const { id: user_id } = requireUser(realtime, 'removing a bookmark');
        const input = { user_id, item_type: itemType, item_id: itemId, ids: idsOf(itemId, itemType) };
        await write(realtime, removeBookmarkAction, input, () => command('removing a bookmark', removeBookmarkRows(supabase, input)));
      },
    },
  };
}

function sourceOf(realtime: RealtimeClient, userId: string) {
  const channel = realtime.channel(bookmarks, { userId });
  const newestFirst = { orderBy: { column: 'created_at', ascending: false }, limit: LIMIT } as const;
  return {
    channel,
    queries: {
      challenge: realtime.live({ channel, table: 'challenge_bookmarks', ...newestFirst }),
      idea: realtime.live({ channel, table: 'idea_bookmarks', ...newestFirst }),
      event: realtime.live({ channel, table: 'event_bookmarks', ...newestFirst }),
      opportunity: realtime.live({ channel, table: 'opportunity_bookmarks', ...newestFirst }),
      partner: realtime.live({ channel, table: 'partner_bookmarks', ...newestFirst }),
    },
  };
}

const BY_TRUST: readonly FeatureStatus[] = ['error', 'loading', 'stale', 'idle', 'live'];

/** All kinds together are as trustworthy as the worst of them. */
function worstOf(states: readonly { readonly status: FeatureStatus; readonly error: RealtimeError | null }[]): { status: FeatureStatus; error: RealtimeError | null } {
  const status = BY_TRUST.find((one) => states.some((state) => state.status === one)) ?? 'idle';
  return { status, error: states.find((state) => state.status === status)?.error ?? null };
}
