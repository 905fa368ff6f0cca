import type { Tx } from '../../database/database.ts';

/** What a project configures of its REST API. */
export interface RestSettings {
  /** Schemas with tables and functions to serve; the first is that of requests that name none. @defaultValue `['public']` */
  readonly schemas: readonly string[];
  /** Most rows that one request reads. @defaultValue `1000` */
  readonly maxRows: number;
  /** Whether `price.sum()` and its like are allowed in `select`. @defaultValue `false` */
  readonly aggregates: boolean;
  /** Whether `explain()` is answered. @defaultValue `false` */
  readonly plans: boolean;
  /** How transactions end, and whether `Prefer: tx=…` has a say in it. @defaultValue `'commit'` */
  readonly txEnd: TxEnd;
  /** A function to call before every request. @defaultValue none */
  readonly preRequest: readonly string[] | null;
}

type TxEnd = (typeof TX_ENDS)[number];
const TX_ENDS = ['commit', 'commit-allow-override', 'rollback', 'rollback-allow-override'] as const;

/** A new Supabase project. */
export const DEFAULT_REST_SETTINGS: RestSettings = { schemas: ['public'], maxRows: 1000, aggregates: false, plans: false, txEnd: 'commit', preRequest: null };

/** The database's own settings go last, for they win. */
const ROLE_SETTINGS = `
  select s.setting
  from pg_catalog.pg_db_role_setting r
  join pg_catalog.pg_roles a on a.oid = r.setrole
  cross join lateral unnest(r.setconfig) s(setting)
  where a.rolname = 'authenticator' and s.setting like 'pgrst.%'
    and r.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
  order by r.setdatabase`;

/**
 * The settings in force: `alter role authenticator set pgrst.db_schemas = 'public, api'` and its like, laid over `given`,
 * as in a Supabase project. What PostgREST does not know or cannot read is left out.
 * @see https://docs.postgrest.org/en/v13/references/configuration.html#in-database-configuration
 */
export async function readSettings(tx: Tx, given: RestSettings): Promise<RestSettings> {
  const rows = await tx.query<{ setting: string }>(ROLE_SETTINGS);
  return rows.reduce((settings, { setting }) => withSetting(settings, setting), given);
}

function withSetting(settings: RestSettings, setting: string): RestSettings {
  const at = setting.indexOf('=');
  const value = setting.slice(at + 1).trim();
  switch (setting.slice('pgrst.'.length, at)) {
    case 'db_schemas':
    case 'db_schema':
      return { ...settings, schemas: namesOf(value) };
    case 'db_max_rows':
    case 'max_rows':
      return /^\d{1,9}$/.test(value) ? { ...settings, maxRows: Number(value) } : settings;
    case 'db_aggregates_enabled':
      return { ...settings, aggregates: isOn(value) };
    case 'db_plan_enabled':
      return { ...settings, plans: isOn(value) };
    case 'db_tx_end':
      return { ...settings, txEnd: TX_ENDS.find((end) => end === value) ?? settings.txEnd };
    case 'db_pre_request':
    case 'pre_request':
      return { ...settings, preRequest: value === '' ? null : value.split('.') };
    default:
      return settings;
  }
}

function namesOf(list: string): string[] {
  return list.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1')).filter((name) => name !== '');
}

function isOn(value: string): boolean {
  return /^(?:true|on|1)$/i.test(value);
}
