import type { BookmarkType } from '@ruwad/realtime-core/ruwad';
import { useBookmarks } from '@ruwad/realtime-react';
import { useLocale } from './context.ts';

/** Bookmarks an item, or takes its bookmark away: at once, with or without a network. */
export function BookmarkButton({ id, type, title }: { id: string; type: BookmarkType; title: string }) {
  const { t } = useLocale();
  const { isBookmarked, addBookmark, removeBookmark } = useBookmarks();
  const marked = isBookmarked(id, type);
  return (
    <button
      type="button"
      className="button quiet"
      aria-pressed={marked}
      aria-label={t.outbox.bookmarkOf(title)}
      onClick={() => void (marked ? removeBookmark : addBookmark)(id, type)}
    >
      <span aria-hidden="true">{marked ? '★' : '☆'}</span> {marked ? t.outbox.bookmarked : t.outbox.bookmark}
    </button>
  );
}
