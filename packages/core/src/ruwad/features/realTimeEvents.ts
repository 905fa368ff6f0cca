import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import { eventNotifications } from '../channels.ts';
import type { RuwadEvent } from '../rows/event.ts';
import { derivedStore } from './derivedStore.ts';
import { fromLive, idleFeature, type FeatureState } from './featureState.ts';
import { createRowUpdates, type RowUpdate } from './rowUpdates.ts';

/** Something that happened to an event while we listened. */
export interface EventUpdate extends RowUpdate {
  readonly eventId: string;
  /** The row after the change; after a deletion the row before it. */
  readonly event: RuwadEvent;
}

/** State of {@link createRealTimeEvents}. */
export interface RealTimeEventsState extends FeatureState {
  /** The 200 events with the latest dates, latest first. */
  readonly events: readonly RuwadEvent[];
  /** The latest 50 updates, newest first. */
  readonly eventUpdates: readonly EventUpdate[];
}

/** What {@link createRealTimeEvents} gives. */
export type RealTimeEvents = Feature<RealTimeEventsState>;

/** The platform's events and what happens to them. */
export function createRealTimeEvents(realtime: RealtimeClient): RealTimeEvents {
  const { logger, clock } = realtime;
  const channel = realtime.channel(eventNotifications);
  const query = realtime.live({ channel, table: 'events', orderBy: { column: 'event_date', ascending: false }, limit: 200 });
  const updates = createRowUpdates<RuwadEvent, EventUpdate>((update, eventId, event) => ({ ...update, eventId, event }), () => clock.now());

  const store = derivedStore<RealTimeEventsState>({
    initial: { ...idleFeature, events: [], eventUpdates: [] },
    logger,
    sources: [channel.store, query.store],
    start() {
      const changes = query.changes$.subscribe((change) => {
        updates.add(change);
        store.update();
      });
      return () => { changes.unsubscribe(); };
    },
    derive() {
      const state = query.store.get();
      return { ...fromLive(state, channel.store.get()), events: state.rows, eventUpdates: updates.list() };
    },
  });
  return { store, actions: {} };
}
