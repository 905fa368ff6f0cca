import { SUPABASE_DEFAULTS, type TenantSettings } from '../realtime/tenant/index.ts';
import { lasting } from './fault.ts';
import { parameter, type Parameter } from './parameters.ts';

type Settings = { [Name in keyof TenantSettings]: Parameter<TenantSettings[Name] | undefined> };

/** One parameter per setting of a tenant, of the type of its default. */
function settings(): Settings {
  const specs = Object.entries(SUPABASE_DEFAULTS).map(([name, value]) => [name, typeof value === 'boolean' ? parameter.flag('setting of the tenant') : parameter.limit('setting of the tenant')]);
  return Object.fromEntries(specs) as Settings; // true: a spec per setting, by the type of its value
}

export const limit = lasting({
  summary: "changes the tenant's settings, such as maxEventsPerSecond; its end sets them back",
  parameters: { ...settings(), forMs: parameter.forMs },
  begin: ({ realtime: { tenant } }, { forMs: _, ...changes }) => {
    const wanted = given(changes);
    const before = Object.fromEntries(Object.keys(wanted).map((name) => [name, tenant.settings[name as keyof TenantSettings]])); // true: names of settings
    tenant.set(wanted);
    return () => tenant.set(before);
  },
});

function given(changes: { [Name in keyof TenantSettings]: TenantSettings[Name] | undefined }): Partial<TenantSettings> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
