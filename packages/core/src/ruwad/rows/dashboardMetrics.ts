import * as z from 'zod/mini';
import { bigint, nullable, numeric, timestamp } from './columns.ts';

/** The one row of `admin_dashboard_metrics_view`. */
export const dashboardMetricsRow = z.object({
  total_users: bigint,
  active_users_30d: bigint,
  new_users_7d: bigint,
  new_users_30d: bigint,
  admin_count: bigint,
  innovator_count: bigint,
  expert_count: bigint,
  partner_count: bigint,
  evaluator_count: bigint,
  domain_expert_count: bigint,
  team_members_count: bigint,
  user_growth_rate_percentage: nullable(numeric),
  last_updated: timestamp,
});
/** Counts of people on the platform, for administrators. */
export type DashboardMetrics = z.infer<typeof dashboardMetricsRow>;
