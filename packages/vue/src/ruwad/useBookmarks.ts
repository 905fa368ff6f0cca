import { createBookmarks, type BookmarksActions, type BookmarksState } from '@ruwad/realtime-core/ruwad';
import { dependingOn } from '../dependingOn.ts';
import { useFeature, type FeatureRefs } from '../useFeature.ts';

/**
 * The signed-in person's bookmarks of challenges, ideas, events, opportunities and partners, with the actions to add and
 * remove them. `isBookmarked` is reactive where templates and computed values call it.
 */
export function useBookmarks(): FeatureRefs<BookmarksState, BookmarksActions> {
  const bookmarks = useFeature(createBookmarks, undefined);
  return {
    ...bookmarks,
    isBookmarked: (itemId, itemType) => dependingOn(bookmarks[`${itemType}Bookmarks`], () => bookmarks.isBookmarked(itemId, itemType)),
  };
}
