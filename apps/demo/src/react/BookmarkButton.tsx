import type { BookmarkType } from '@ruwad/realtime-core/ruwad';
import { useBookmarks, useOfflineQueue } from '@ruwad/realtime-react';
import { waitingIds } from '../view/queued.ts';
import { CommandError } from './CommandError.tsx';
import { useLocale } from './context.ts';
import { useCommand } from './useCommand.ts';
import { WaitingMark } from './WaitingMark.tsx';

/** Bookmarks an item, or takes its bookmark away: at once, with or without a network. */
export function BookmarkButton({ id, type, title }: { id: string; type: BookmarkType; title: string }) {
  const { t } = useLocale();
  const { isBookmarked, addBookmark, removeBookmark } = useBookmarks();
  const { pendingActions } = useOfflineQueue();
  const [add, remove] = [useCommand(addBookmark), useCommand(removeBookmark)];
  const marked = isBookmarked(id, type);
  return (
    <>
      <button type="button" className="button quiet bookmark" aria-pressed={marked} aria-label={t.outbox.bookmarkOf(title)} onClick={() => void (marked ? remove : add).run(id, type)}>
        <span aria-hidden="true">{marked ? '★' : '☆'}</span> {t.outbox.bookmark}
      </button>
      {waitingIds(pendingActions).has(id) && <WaitingMark />}
      <CommandError error={add.error ?? remove.error} />
    </>
  );
}
