import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import type { ChangeType } from '../../channel/defineChannel.ts';
import { createStore } from '../../store/store.ts';
import type { Idea } from '../rows/idea.ts';
import { idleFeature, type FeatureState } from './featureState.ts';

/** Something that happened to an idea while we listened. */
export interface IdeaUpdate {
  /** Unique in the list. */
  readonly id: string;
  readonly ideaId: string;
  readonly type: ChangeType;
  /** The row after the change; after a deletion the row as last known, or null. */
  readonly idea: Idea | null;
  /** Status before, when known. */
  readonly previousStatus: string | null;
  /** Status after; null after a deletion. */
  readonly newStatus: string | null;
  /** Commit time in ISO 8601. */
  readonly timestamp: string;
}
/** State of {@link createIdeaNotifications}. */
export interface IdeaNotificationsState extends FeatureState {
  /** The signed-in innovator's newest 100 ideas, newest first; empty for people who are no innovators. */
  readonly ideas: readonly Idea[];
  /** The latest 50 updates, newest first. */
  readonly ideaUpdates: readonly IdeaUpdate[];
}
export type IdeaNotifications = Feature<IdeaNotificationsState>;

export function createIdeaNotifications(_realtime: RealtimeClient): IdeaNotifications {
  return { store: createStore<IdeaNotificationsState>({ ...idleFeature, ideas: [], ideaUpdates: [] }), actions: {} };
}
