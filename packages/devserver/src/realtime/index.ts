export { createRealtime, type Realtime } from './createRealtime.ts';
export { isOfNoJoin } from './seams.ts';
export { SUPABASE_DEFAULTS, WITHOUT_QUOTAS, type LimitsOption, type Tenant, type TenantSettings } from './tenant/index.ts';
