export { createRealtime } from './createRealtime.ts';
export { SUPABASE_DEFAULTS, type LimitsOption, type Tenant, type TenantSettings } from './tenant/index.ts';
