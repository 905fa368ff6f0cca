import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import { createStore } from '../../store/store.ts';
import type { ChallengeComment } from '../rows/challengeComment.ts';
import { idleFeature, type FeatureState } from './featureState.ts';

/** Someone who is typing. */
export interface TypingUser {
  readonly userId: string;
  readonly name: string;
}
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
  /** Who is typing, without oneself. */
  readonly typingUsers: readonly TypingUser[];
  readonly participants: readonly Participant[];
}
/** Actions of {@link createChallengeDiscussion}. Those that return promises reject with a `RealtimeError`. */
export interface ChallengeDiscussionActions {
  /** Writes a comment, or an answer to one. */
  postComment(content: string, options?: { parentId?: string }): Promise<ChallengeComment>;
  editComment(id: string, content: string): Promise<void>;
  deleteComment(id: string): Promise<void>;
  /** Call on every keystroke with true, and with false when done; what is sent is throttled. */
  setTyping(isTyping: boolean): void;
}
export type ChallengeDiscussion = Feature<ChallengeDiscussionState, ChallengeDiscussionActions>;

export function createChallengeDiscussion(_realtime: RealtimeClient, _options: { challengeId: string }): ChallengeDiscussion {
  return {
    store: createStore<ChallengeDiscussionState>({ ...idleFeature, comments: [], typingUsers: [], participants: [] }),
    actions: {
      postComment: () => Promise.reject(new Error('not yet')),
      editComment: () => Promise.resolve(),
      deleteComment: () => Promise.resolve(),
      setTyping: () => undefined,
    },
  };
}
