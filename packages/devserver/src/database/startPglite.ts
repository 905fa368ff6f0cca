import { PGlite, types } from '@electric-sql/pglite';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { packageVersion } from '../lib/packageFolder.ts';
import { bundledExtensions } from './extensions.ts';
import { guardStack, MAX_STACK_DEPTH } from './stackGuard.ts';

/** A data directory fits the build of Postgres that made it. */
export const PGLITE_VERSION = packageVersion(pathToFileURL(createRequire(import.meta.url).resolve('@electric-sql/pglite')).href);

/**
 * As PGlite starts Postgres, with fewer buffers: its 128 MB are cleared at every start and stay in memory, while the
 * files are in memory anyway, or in the cache of the system.
 */
const START_PARAMS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'];

/** With segments of its log that are not mostly empty, which every start from an image would copy. */
const INITDB_PARAMS = ['--wal-segsize=1'];

/** Types whose values a JavaScript number or `Date` would round; see `Tx`. */
const EXACT_TYPES = [types.INT8, types.NUMERIC, types.DATE, types.TIMESTAMP, types.TIMESTAMPTZ];

const parsers = Object.fromEntries(EXACT_TYPES.map((type) => [type, (text: string) => text]));

/**
 * What a server does for a new session and a single-user Postgres does not: settings of the database, and a value for
 * the session user, without which a local one would outlive its transaction.
 */
const SESSION = `
  set max_stack_depth = '${MAX_STACK_DEPTH}';
  set session authorization postgres;
  select set_config(split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1), false)
    from pg_db_role_setting, unnest(setconfig) as setting
   where setrole = 0 and setdatabase in (0, (select oid from pg_database where datname = current_database()));
`;

/** Where an embedded Postgres keeps its files. */
export interface PgliteLocation {
  /** Data directory; in memory when absent. */
  dataDir?: string;
  /** Tar of a data directory to start a memory database from, instead of initdb. */
  image?: Blob;
}

/** Starts Postgres in this process; takes seconds on an empty location, because initdb runs. */
export async function startPglite({ dataDir, image }: PgliteLocation): Promise<PGlite> {
  const pglite = await PGlite.create({
    extensions: { bundledExtensions },
    startParams: START_PARAMS,
    initDbStartParams: INITDB_PARAMS,
    parsers,
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(image === undefined ? {} : { loadDataDir: image }),
  });
  guardStack(pglite);
  await pglite.exec(SESSION);
  return pglite;
}
