import { SUPABASE_DEFAULTS, WITHOUT_QUOTAS, type TenantSettings } from '../src/realtime/index.ts';
import { Digits, parseExact, type Exact } from './exactJson.ts';
import type { Received } from './frames.ts';
import type { Line, Recording } from './recording.ts';

/** A request of the admin API that a replay can do: what it sets, nothing when it only reads; `null` for another request. */
export function tenantChanges({ method = 'GET', path = '', body }: Line): Partial<TenantSettings> | null {
  if (!/^\/api\/tenants\/[^/]+$/.test(path)) return null;
  if (method === 'GET') return {};
  if (method !== 'PUT' && method !== 'PATCH') return null;
  const tenant = typeof body === 'object' && body !== null && 'tenant' in body ? body.tenant : null;
  const given = Object.entries(tenant ?? {}).flatMap(([key, value]) => (value === null ? [] : settingOf(key).map((name) => [name, value] as const)));
  return Object.fromEntries(given);
}

/**
 * The settings a recording began with: what its first answer of the admin API tells, but for what that request set;
 * else the server's defaults, which `10*` ran without (see the recordings' README).
 */
export function settingsAtStart({ name, lines }: Pick<Recording, 'name' | 'lines'>): TenantSettings {
  const asked = lines.findIndex((line) => line.dir === 'out' && tenantChanges(line) !== null && line.event === 'http');
  const answer = lines.slice(asked).find((line) => line.dir === 'in' && line.event === 'http' && line.conn === undefined);
  const told = asked === -1 ? undefined : fieldOf(parseExact(answer?.frame ?? ''), 'data');
  const values = told instanceof Map ? [...told].flatMap(([key, value]) => settingOf(key).map((setting) => [setting, valueOf(value)] as const)) : [];
  const changed = tenantChanges(lines[asked] ?? { t_ms: 0, dir: 'out' }) ?? {};
  const before = values.filter(([setting, value]) => value !== null && !(setting in changed));
  return { ...(/^10/.test(name) ? WITHOUT_QUOTAS : SUPABASE_DEFAULTS), ...Object.fromEntries(before) };
}

/** What an answer of the admin API tells of the settings we know; those left to the server's default are `null` there. */
export function answeredSettings(body: string): Received {
  const tenant = fieldOf(parseExact(body), 'data');
  const known = tenant instanceof Map ? [...tenant].filter(([key, value]) => value !== null && settingOf(key).length > 0) : [];
  return settingsFrame(new Map(known));
}

/** Our settings, of those that an answer of the admin API told. */
export function ourSettings(settings: Readonly<TenantSettings>, told: Received): Received {
  const keys = told.content instanceof Map ? [...told.content.keys()] : [];
  return settingsFrame(new Map(keys.flatMap((key) => settingOf(key).slice(0, 1).map((name) => [key, parseExact(JSON.stringify(settings[name])) ?? null]))));
}

function settingsFrame(content: Map<string, Exact>): Received {
  const raw = `settings ${JSON.stringify([...content])}`;
  return { lane: '(tenant)', event: 'settings', content, raw, cut: false };
}

/** The real server takes one limit for broadcasts and for changes of rows. */
function settingOf(key: string): (keyof TenantSettings)[] {
  const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (name === 'maxEventsPerSecond') return ['maxEventsPerSecond', 'maxDbEventsPerSecond'];
  return name in SUPABASE_DEFAULTS ? [name as keyof TenantSettings] : []; // true: as just checked
}

/** The settings are numbers and booleans. */
function valueOf(value: Exact): number | boolean | null {
  if (value instanceof Digits) return Number(value.text);
  return typeof value === 'boolean' ? value : null;
}

function fieldOf(value: Exact | undefined, key: string): Exact | undefined {
  return value instanceof Map ? value.get(key) : undefined;
}
