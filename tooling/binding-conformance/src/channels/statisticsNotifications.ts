import { expect, it } from 'vitest';
import { untilLive } from '../expectations.ts';
import type { Stage } from '../stage.ts';

/** `statistics-notifications`: absolute counts, and alerts made of single events. */
export function testStatisticsNotifications({ sql, open }: Stage): void {
  it('useStatistics counts events as the database does, and raises an alert', async () => {
    const admin = await open('admin');
    const statistics = admin.mount('useStatistics');
    await untilLive(statistics);
    const { counters } = statistics.current();

    await sql(`insert into analytics_events (event_type) values ('challenge_view'), ('challenge_view'), ('challenge_view')`);
    const counted = await statistics.results.now((state) => state.counters.challenge_view === (counters.challenge_view ?? 0) + 3, 'three views more');
    expect(counted.hourly).toHaveLength(24);

    const [row] = await sql<{ id: string }>(`insert into analytics_events (event_type, properties) values ('error', '{"error_count": 12}') returning id`);
    const alerted = await statistics.results.now(({ alerts }) => alerts[0]?.id === row?.id, 'an alert');
    expect(alerted.alerts[0]).toMatchObject({ type: 'error_spike', severity: 'high', value: 12 });
    statistics.current().clearAlert(row?.id ?? '');
    await statistics.results.now(({ alerts }) => alerts.every(({ id }) => id !== row?.id), 'the alert to go');
  });
}
