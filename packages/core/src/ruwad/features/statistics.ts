import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import type { TimerHandle } from '../../lib/clock.ts';
import { statisticsNotifications } from '../channels.ts';
import type { AnalyticsHourly } from '../rows/analytics.ts';
import { derivedStore } from './derivedStore.ts';
import { fromLive, idleFeature, type FeatureState } from './featureState.ts';
import { alertOf, type StatAlert } from './statAlerts.ts';

export type { StatAlert };

const HOUR_MS = 3_600_000;
const HOURS = 24;
const MAX_ALERTS = 50;
/** Rows kept: 24 hours of some 80 event types. */
const MAX_ROWS = 2_000;

/** State of {@link createStatistics}. */
export interface StatisticsState extends FeatureState {
  /** Events of the last 24 hours by event type. */
  readonly counters: Readonly<Record<string, number>>;
  /** Events of all types in each of the last 24 UTC hours, oldest first; the last entry is the running hour. */
  readonly hourly: readonly number[];
  /** The latest 50, newest first; always empty for people who may not see single events. */
  readonly alerts: readonly StatAlert[];
}

/** Actions of {@link createStatistics}. */
export interface StatisticsActions {
  /** Takes one alert off the list, here only. */
  readonly clearAlert: (id: string) => void;
}

/** What {@link createStatistics} gives. */
export type Statistics = Feature<StatisticsState, StatisticsActions>;

/**
 * What happened on the platform in the last 24 hours. The numbers are the database's own counts, so nothing is counted
 * twice. Row level security shows rows to administrators only: for others everything stays zero and empty.
 */
export function createStatistics(realtime: RealtimeClient): Statistics {
  const { logger, clock } = realtime;
  const channel = realtime.channel(statisticsNotifications);
  const query = realtime.live({ channel, table: 'analytics_hourly', orderBy: { column: 'hour', ascending: false }, limit: MAX_ROWS });
  let alerts: readonly StatAlert[] = [];

  const store = derivedStore<StatisticsState>({
    initial: { ...idleFeature, ...countLastDay([], 0), alerts },
    logger,
    sources: [channel.store, query.store],
    start() {
      const events = channel.changes$('analytics_events').subscribe((change) => {
        const alert = change.type === 'INSERT' ? alertOf(change.row) : null;
        if (alert === null) return;
        alerts = [alert, ...alerts.slice(0, MAX_ALERTS - 1)];
        store.update();
      });
      // Without any event the window moves on, too.
      let timer: TimerHandle;
      const atNextHour = (): void => {
        timer = clock.setTimeout(() => {
          store.update();
          atNextHour();
        }, HOUR_MS - (clock.now() % HOUR_MS));
      };
      atNextHour();
      return () => {
        events.unsubscribe();
        clock.clearTimeout(timer);
      };
    },
    derive() {
      const state = query.store.get();
      return { ...fromLive(state, channel.store.get()), ...countLastDay(state.rows, clock.now()), alerts };
    },
  });
  return {
    store,
    actions: {
      clearAlert(id) {
        alerts = alerts.filter((alert) => alert.id !== id);
        store.update();
      },
    },
  };
}

/** Sums the rows of the last 24 hours before `now` (ms since 1970), by event type and by hour. */
export function countLastDay(rows: readonly AnalyticsHourly[], now: number): Pick<StatisticsState, 'counters' | 'hourly'> {
  const oldest = Math.floor(now / HOUR_MS) - (HOURS - 1);
  const counters: Record<string, number> = Object.create(null) as Record<string, number>; // an event type may be called like a member of Object
  const hourly = new Array<number>(HOURS).fill(0);
  for (const { event_type: type, hour, count } of rows) {
    const at = Math.floor(Date.parse(hour) / HOUR_MS) - oldest;
    if (!(at >= 0 && at < HOURS)) continue;
    counters[type] = (counters[type] ?? 0) + count;
    hourly[at] = (hourly[at] ?? 0) + count;
  }
  return { counters, hourly };
}
