import type { Extension } from '@electric-sql/pglite';
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
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path/posix';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { tarFiles, type TarFile } from './tarFiles.ts';

/** What a Supabase project may have and PGlite ships. */
const BUNDLED = [btree_gin, btree_gist, citext, fuzzystrmatch, hstore, ltree, moddatetime, pg_trgm, pgcrypto, unaccent, uuid_ossp];

/** Where PGlite's Postgres is installed inside its file system. */
const PREFIX = '/pglite';

/** The file system of an Emscripten module, as far as it is used here. */
interface VirtualModule {
  FS: {
    mkdirTree(path: string): void;
    writeFile(path: string, data: Uint8Array, options: { canOwn: boolean }): void;
  };
}

interface VirtualOptions {
  preRun: ((module: VirtualModule) => void)[];
}

/**
 * The extensions a migration may create, as one extension of PGlite. PGlite's own loading compiles every library at
 * every start, which takes a third of it; here the files are only put in place, and Postgres compiles a library when
 * one of its functions is first called.
 */
export const bundledExtensions: Extension = {
  name: 'bundled',
  setup: async (_pglite, options: VirtualOptions) => {
    const files = await (bundledFiles ??= readBundled());
    options.preRun.push(({ FS }) => {
      for (const { name, data } of files) {
        const path = `${PREFIX}/${name}`;
        FS.mkdirTree(dirname(path));
        // Nobody writes to them, so that all databases of the process can share the bytes.
        FS.writeFile(path, data, { canOwn: true });
      }
    });
    return { emscriptenOpts: options };
  },
};

let bundledFiles: Promise<TarFile[]> | undefined;

async function readBundled(): Promise<TarFile[]> {
  const files = await Promise.all(
    BUNDLED.map(async ({ setup }) => {
      // Their setup names the bundle and looks at nothing: PGlite calls it before it has a database.
      const { bundlePath } = await (setup as () => Promise<{ bundlePath: URL }>)();
      return tarFiles(await decompress(await readFile(bundlePath)));
    }),
  );
  return files.flat();
}

const decompress = promisify(gunzip);
