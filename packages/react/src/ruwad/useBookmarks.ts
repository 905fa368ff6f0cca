import { createBookmarks, type BookmarksActions, type BookmarksState } from '@ruwad/realtime-core/ruwad';
import { useFeature } from '../useFeature.ts';

/** The signed-in person's bookmarks of challenges, ideas, events, opportunities and partners, with the actions to add and remove them. */
export function useBookmarks(): BookmarksState & BookmarksActions {
  return useFeature(createBookmarks, undefined);
}
