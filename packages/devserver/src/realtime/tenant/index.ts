export { Tenant } from './tenant.ts';
export { SUPABASE_DEFAULTS, type LimitsOption, type TenantSettings } from './tenantSettings.ts';
