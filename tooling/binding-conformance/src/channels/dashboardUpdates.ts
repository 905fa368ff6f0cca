import { expect, it } from 'vitest';
import { untilLive } from '../expectations.ts';
import { people } from '../people.ts';
import type { Stage } from '../stage.ts';

/** `dashboard-updates`: triggers tell administrators, whose client reads the view again. */
export function testDashboardUpdates({ sql, open }: Stage): void {
  it('useDashboardMetrics counts a role that was granted in the database', async () => {
    const admin = await open('admin');
    const dashboard = admin.mount('useDashboardMetrics');
    await untilLive(dashboard);
    const { metrics } = await dashboard.results.now((state) => state.metrics !== null, 'the first numbers');
    const innovators = Number(metrics?.innovator_count);

    await sql(`insert into user_roles (user_id, role) values ($1, 'innovator')`, [people.layla.id]);
    const more = await dashboard.results.now((state) => Number(state.metrics?.innovator_count) === innovators + 1, 'one innovator more');
    expect(more.lastUpdate).toBeTypeOf('number');
    await sql(`delete from user_roles where user_id = $1 and role = 'innovator'`, [people.layla.id]);
    await dashboard.results.now((state) => Number(state.metrics?.innovator_count) === innovators, 'one innovator less');
  });

  it('X1: useDashboardMetrics tells people who are no administrators that they may not', async () => {
    const sara = await open('sara');
    const dashboard = sara.mount('useDashboardMetrics');
    const refused = await dashboard.results.now(({ status }) => status === 'error', 'a refusal');
    expect(refused).toMatchObject({ metrics: null, isConnected: false, error: { code: 'channel/forbidden' } });
  });
}
