import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A `supabase` folder of an app, for tests to write migrations and a seed into. */
export interface DevProject {
  migrations: string;
  seed: string;
  /** Writes a migration and returns its path. */
  migration: (name: string, sql: string) => string;
  writeSeed: (sql: string) => void;
}

export function devProject(folder: string): DevProject {
  const migrations = join(folder, 'migrations');
  const seed = join(folder, 'seed.sql');
  mkdirSync(migrations, { recursive: true });
  return {
    migrations,
    seed,
    migration: (name, sql) => {
      const path = join(migrations, name);
      writeFileSync(path, sql);
      return path;
    },
    writeSeed: (sql) => writeFileSync(seed, sql),
  };
}
