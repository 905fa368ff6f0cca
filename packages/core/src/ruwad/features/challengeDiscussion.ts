import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import { RealtimeError } from '../../errors.ts';
import { uuid7 } from '../../lib/uuid7.ts';
import { validate } from '../../pipeline/validate.ts';
import { commentActions, shownComment } from '../actions/comments.ts';
import { challengeDiscussions } from '../channels.ts';
import { challengeCommentRow, type ChallengeComment } from '../rows/challengeComment.ts';
import { command, requireUser, write } from './command.ts';
import { derivedStore } from './derivedStore.ts';
import { fromLive, idleFeature, type FeatureState } from './featureState.ts';
import { createTypingSign, createTypists, type TypingUser } from './typing.ts';

const TABLE = 'challenge_comments';

export type { TypingUser };

/** Someone who takes part in a discussion: has written a comment shown here, or is typing. */
export interface Participant {
  readonly userId: string;
  /** How many of the comments shown are theirs. */
  readonly commentCount: number;
  readonly isTyping: boolean;
}

/** State of {@link createChallengeDiscussion}. */
export interface ChallengeDiscussionState extends FeatureState {
  /** The newest 200 comments, oldest first. */
  readonly comments: readonly ChallengeComment[];
  /** Ids of comments that are shown as they will be, before the server has confirmed it. */
  readonly pendingIds: ReadonlySet<string>;
  /** Who is typing, without oneself. Names are what they say of themselves. */
  readonly typingUsers: readonly TypingUser[];
  /** In the order of their first comment shown, then those who only type. */
  readonly participants: readonly Participant[];
}

/**
 * Actions of {@link createChallengeDiscussion}. Those that return promises reject with a `RealtimeError`. When the client has
 * an outbox they resolve once the write is stored on this device, offline too; what the server refuses later is among the
 * outbox's failed actions. Without one they resolve once it is done.
 */
export interface ChallengeDiscussionActions {
  /** Writes a comment, or an answer to one. */
  readonly postComment: (content: string, options?: { parentId?: string }) => Promise<ChallengeComment>;
  /** Changes a comment of one's own. */
  readonly editComment: (id: string, content: string) => Promise<void>;
  /** Deletes a comment of one's own, and the answers to it. */
  readonly deleteComment: (id: string) => Promise<void>;
  /** Call on every keystroke with true, and with false when done; what is sent is throttled. Dropped while not connected. */
  readonly setTyping: (isTyping: boolean) => void;
}

/** What {@link createChallengeDiscussion} gives. */
export type ChallengeDiscussion = Feature<ChallengeDiscussionState, ChallengeDiscussionActions>;

/** The discussion of one challenge. */
export function createChallengeDiscussion(realtime: RealtimeClient, { challengeId }: { challengeId: string }): ChallengeDiscussion {
  const { user, supabase, logger, clock } = realtime;
  const channel = realtime.channel(challengeDiscussions, { challengeId });
  const query = realtime.live({ channel, table: TABLE, orderBy: { column: 'created_at', ascending: false }, limit: 200 });
  const typists = createTypists(clock, () => { store.update(); });
  const sign = createTypingSign(clock, (isTyping) => {
    if (user === null || channel.store.get().status !== 'live') return;
    channel.send('typing', { user_id: user.id, user_name: user.name ?? '', is_typing: isTyping }).catch((error: unknown) => {
      logger.debug('a typing sign was not sent', { reason: String(error) });
    });
  });

  let comments: readonly ChallengeComment[] = [];
  let newestFirst: readonly ChallengeComment[] = [];
  const store = derivedStore<ChallengeDiscussionState>({
    initial: { ...idleFeature, comments: [], pendingIds: query.store.initial.pendingKeys, typingUsers: [], participants: [] },
    logger,
    sources: [channel.store, query.store],
    start() {
      const typing = channel.broadcast$('typing').subscribe(({ payload }) => {
        if (payload.user_id !== user?.id) typists.hear(payload);
      });
      return () => {
        typing.unsubscribe();
        typists.clear();
        sign.clear();
      };
    },
    derive() {
      const state = query.store.get();
      if (state.rows !== newestFirst) {
        newestFirst = state.rows;
        comments = [...newestFirst].reverse();
      }
      const typingUsers = typists.list();
      return { ...fromLive(state, channel.store.get()), comments, pendingIds: state.pendingKeys, typingUsers, participants: participantsOf(comments, typingUsers) };
    },
  });

  return {
    store,
    actions: {
      async postComment(content, { parentId } = {}) {
        const author = requireUser(realtime, 'writing a comment');
        const comment = { id: uuid7(clock.now()), challenge_id: challengeId, user_id: author.id, content, ...(parentId !== undefined && { parent_comment_id: parentId }) };
        let written: unknown = shownComment(comment, clock.now());
        await write(realtime, commentActions.insert, comment, async () => {
          written = await command('writing a comment', supabase.from(TABLE).insert(comment).select().single());
        });
        sign.set(false);
        return asComment(written);
      },
      async editComment(id, content) {
        await write(realtime, commentActions.update, { key: { id }, changes: { content } }, async () => {
          const changed = await command('editing a comment', supabase.from(TABLE).update({ content }).eq('id', id).select('id'));
          if (changed === null || changed.length === 0) throw notYours('edited');
        });
      },
      async deleteComment(id) {
        await write(realtime, commentActions.delete, { id }, async () => {
          const gone = await command('deleting a comment', supabase.from(TABLE).delete().eq('id', id).select('id'));
          if (gone === null || gone.length === 0) throw notYours('deleted');
        });
      },
      setTyping: sign.set,
    },
  };
}

/** Row level security does not refuse such a write: it matches no row. */
function notYours(what: string): RealtimeError {
  return new RealtimeError('command/rejected', `the comment was not ${what}; it does not exist or is somebody else's`);
}

function asComment(row: unknown): ChallengeComment {
  const checked = validate(challengeCommentRow, row);
  if (checked.ok) return checked.value as ChallengeComment; // by its schema
  throw new RealtimeError('command/rejected', 'the comment was written, but the server answered with something else');
}

function participantsOf(comments: readonly ChallengeComment[], typing: readonly TypingUser[]): readonly Participant[] {
  const counts = new Map<string, number>();
  for (const { user_id: userId } of comments) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  for (const { userId } of typing) if (!counts.has(userId)) counts.set(userId, 0);
  const isTyping = new Set(typing.map(({ userId }) => userId));
  return [...counts].map(([userId, commentCount]) => ({ userId, commentCount, isTyping: isTyping.has(userId) }));
}
