export type { RateMeter } from './rateMeter.ts';
export { Tenant } from './tenant.ts';
export { SUPABASE_DEFAULTS, WITHOUT_QUOTAS, type LimitsOption, type TenantSettings } from './tenantSettings.ts';
