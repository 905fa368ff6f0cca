import { PGlite, types } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { btree_gist } from '@electric-sql/pglite/contrib/btree_gist';
import { citext } from '@electric-sql/pglite/contrib/citext';
import { fuzzystrmatch } from '@electric-sql/pglite/contrib/fuzzystrmatch';
import { hstore } from '@electric-sql/pglite/contrib/hstore';
import { ltree } from '@electric-sql/pglite/contrib/ltree';
import { moddatetime } from '@electric-sql/pglite/contrib/moddatetime';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { pgcrypto } from '@electric-sql/pglite/contrib/pgcrypto';
import { unaccent } from '@electric-sql/pglite/contrib/unaccent';
import { uuid_ossp } from '@electric-sql/pglite/contrib/uuid_ossp';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { packageVersion } from '../lib/packageFolder.ts';

/** A data directory fits the build of Postgres that made it. */
export const PGLITE_VERSION = packageVersion(pathToFileURL(createRequire(import.meta.url).resolve('@electric-sql/pglite')).href);

/** Extensions a migration may create: those of a Supabase project that PGlite ships. */
const extensions = { btree_gin, btree_gist, citext, fuzzystrmatch, hstore, ltree, moddatetime, pg_trgm, pgcrypto, unaccent, uuid_ossp };

/** Types whose values a JavaScript number or `Date` would round; see `Tx`. */
const EXACT_TYPES = [types.INT8, types.NUMERIC, types.DATE, types.TIMESTAMP, types.TIMESTAMPTZ];

const parsers = Object.fromEntries(EXACT_TYPES.map((type) => [type, (text: string) => text]));

/**
 * What a server does for a new session and a single-user Postgres does not: settings of the database, and a value for
 * the session user, without which a local one would outlive its transaction.
 */
const SESSION = `
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
    extensions,
    parsers,
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(image === undefined ? {} : { loadDataDir: image }),
  });
  await pglite.exec(SESSION);
  return pglite;
}
