import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import type { ChangeType } from '../../channel/defineChannel.ts';
import { createStore } from '../../store/store.ts';
import type { RuwadEvent } from '../rows/event.ts';
import { idleFeature, type FeatureState } from './featureState.ts';

/** Something that happened to an event while we listened. */
export interface EventUpdate {
  /** Unique in the list. */
  readonly id: string;
  readonly eventId: string;
  readonly type: ChangeType;
  /** The row after the change; after a deletion the row as last known, or null. */
  readonly event: RuwadEvent | null;
  /** Status before, when known. */
  readonly previousStatus: string | null;
  /** Status after; null after a deletion. */
  readonly newStatus: string | null;
  /** Commit time in ISO 8601. */
  readonly timestamp: string;
}
/** State of {@link createRealTimeEvents}. */
export interface RealTimeEventsState extends FeatureState {
  /** The latest 200 events by date, latest first. */
  readonly events: readonly RuwadEvent[];
  /** The latest 50 updates, newest first. */
  readonly eventUpdates: readonly EventUpdate[];
}
export type RealTimeEvents = Feature<RealTimeEventsState>;

export function createRealTimeEvents(_realtime: RealtimeClient): RealTimeEvents {
  return { store: createStore<RealTimeEventsState>({ ...idleFeature, events: [], eventUpdates: [] }), actions: {} };
}
