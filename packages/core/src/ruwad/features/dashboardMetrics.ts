import type { Feature, RealtimeClient } from '../../clientTypes.ts';
import { RealtimeError } from '../../errors.ts';
import { retryDelay } from '../../lib/backoff.ts';
import type { TimerHandle } from '../../lib/clock.ts';
import { throttleLatest } from '../../pipeline/throttle.ts';
import { validate } from '../../pipeline/validate.ts';
import { dashboardUpdates } from '../channels.ts';
import { dashboardMetricsRow, type DashboardMetrics } from '../rows/dashboardMetrics.ts';
import { command } from './command.ts';
import { derivedStore } from './derivedStore.ts';
import { fromChannel, idleFeature, type FeatureState } from './featureState.ts';

/** Least time between two reads of the view, in ms. */
const READ_INTERVAL_MS = 1_000;

/** State of {@link createDashboardMetrics}. */
export interface DashboardMetricsState extends FeatureState {
  /** The numbers of the view; null before the first read, and for people who may not see them. */
  readonly metrics: DashboardMetrics | null;
  /** When they were last read, in ms since 1970; null before the first read. */
  readonly lastUpdate: number | null;
}

/** Actions of {@link createDashboardMetrics}. */
export interface DashboardMetricsActions {
  /** Reads the numbers now. Rejects with a `RealtimeError`. */
  readonly refresh: () => Promise<void>;
}

/** What {@link createDashboardMetrics} gives. */
export type DashboardMetricsFeature = Feature<DashboardMetricsState, DashboardMetricsActions>;

/**
 * The numbers of the administrators' dashboard: read when the channel becomes live and whenever the database says that
 * they changed, at most once a second, and again with backoff when a read fails. Others are refused by the channel: status `error`, code `channel/forbidden`.
 */
export function createDashboardMetrics(realtime: RealtimeClient): DashboardMetricsFeature {
  const { supabase, logger, clock } = realtime;
  const channel = realtime.channel(dashboardUpdates);
  let metrics: DashboardMetrics | null = null;
  let lastUpdate: number | null = null;
  let error: RealtimeError | null = null;
  let reads = 0;

  const refresh = async (): Promise<void> => {
    const mine = ++reads;
    try {
      const row: unknown = await command('reading the dashboard', supabase.from('admin_dashboard_metrics_view').select('*').maybeSingle());
      if (mine !== reads) return; // a later read knows better
      metrics = row === null ? null : asMetrics(row);
      lastUpdate = clock.now();
      error = null;
    } catch (cause) {
      const failure = cause instanceof RealtimeError ? cause : new RealtimeError('command/failed', 'the dashboard could not be read', { cause });
      if (mine === reads) error = failure;
      throw failure;
    } finally {
      store.update();
    }
  };
  let active = false;
  let failures = 0;
  let retry: TimerHandle | undefined;
  const cancelRetry = (): void => {
    if (retry !== undefined) clock.clearTimeout(retry);
    retry = undefined;
  };
  const read = throttleLatest(() => {
    cancelRetry();
    refresh().then(() => { failures = 0; }, (cause: unknown) => {
      logger.warn('the dashboard could not be read', { reason: String(cause) });
      cancelRetry();
      if (active && cause instanceof RealtimeError && cause.retryable) retry = clock.setTimeout(() => { read(undefined); }, retryDelay((failures += 1)));
    });
  }, READ_INTERVAL_MS, clock);

  const store = derivedStore<DashboardMetricsState>({
    initial: { ...idleFeature, metrics, lastUpdate },
    logger,
    sources: [channel.store],
    start() {
      active = true;
      let wasLive = false;
      const status = channel.status$.subscribe((state) => {
        const isLive = state.status === 'live';
        if (isLive && !wasLive) read(undefined); // what was announced while we were away was not heard
        wasLive = isLive;
      });
      const announced = channel.broadcast$('metrics_changed').subscribe(() => { read(undefined); });
      return () => {
        active = false;
        status.unsubscribe();
        announced.unsubscribe();
        read.cancel();
        cancelRetry();
      };
    },
    derive() {
      const state = fromChannel(channel.store.get());
      if (state.status !== 'live') return { ...state, metrics, lastUpdate };
      if (error !== null) return { ...state, status: 'error', error, metrics, lastUpdate };
      return { ...state, status: lastUpdate === null ? 'loading' : 'live', metrics, lastUpdate };
    },
  });
  return { store, actions: { refresh } };
}

function asMetrics(row: unknown): DashboardMetrics {
  const checked = validate(dashboardMetricsRow, row);
  if (checked.ok) return checked.value as DashboardMetrics; // by its schema
  throw new RealtimeError('command/rejected', `the dashboard could not be read; ${checked.issues.map(({ message }) => message).join(', ')}`);
}
