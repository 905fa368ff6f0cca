import { fileURLToPath } from 'node:url';
import { startDevServer, type DevServer, type DevServerOptions } from '@ruwad/realtime-devserver';

const supabase = (path: string) => fileURLToPath(new URL(`../../../../supabase/${path}`, import.meta.url));

/** Starts a dev server in memory with the repository's migrations and demo data, on a free port unless told otherwise. */
export function startBackend(options: DevServerOptions = {}): Promise<DevServer> {
  return startDevServer({ port: 0, dataDir: null, migrations: supabase('migrations'), seed: supabase('seed.sql'), ...options });
}
