import type { ActionDefinition } from '../../outbox/types.ts';
import { addBookmarkAction, removeBookmarkAction } from './bookmarks.ts';
import { commentActions } from './comments.ts';
import { markReadAction } from './notifications.ts';

/** What the platform's features write; pass them to `outbox({ actions: ruwadActions })`. */
export const ruwadActions: readonly ActionDefinition<never>[] = [
  ...commentActions.all,
  // Each is given what its own schema passed.
  ...([addBookmarkAction, removeBookmarkAction, markReadAction] as unknown as readonly ActionDefinition<never>[]),
];
