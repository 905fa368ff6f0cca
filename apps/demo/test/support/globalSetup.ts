import { startDevServer } from '@ruwad/realtime-devserver';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import type { TestProject } from 'vitest/node';
import { KEEP_JOURNAL } from './journal.ts';
import { serveSql } from './sqlServer.ts';

const DEMO = fileURLToPath(new URL('../../', import.meta.url));
const SUPABASE = fileURLToPath(new URL('../../../../supabase/', import.meta.url));

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the demo. */
    demoUrl: string;
    /** Address of its backend. */
    backendUrl: string;
    /** Where `sql.ts` asks its database. */
    sqlUrl: string;
  }
}

/** Starts the backend with the repository's own migrations and seed, builds the demo for it and serves the build. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outDir = await mkdtemp(join(tmpdir(), 'ruwad-demo-'));
  const backend = await startDevServer({ port: 0, dataDir: null, migrations: join(SUPABASE, 'migrations'), seed: join(SUPABASE, 'seed.sql') });
  await backend.sql(KEEP_JOURNAL);
  const statements = await serveSql(backend);
  const options = { root: DEMO, configFile: join(DEMO, 'vite.config.ts'), logLevel: 'error', build: { outDir } } as const;
  await build({ ...options, define: { 'import.meta.env.VITE_SUPABASE_URL': JSON.stringify(backend.url) } });
  const demo = await preview({ ...options, preview: { port: 0, host: '127.0.0.1' } });

  project.provide('backendUrl', backend.url);
  project.provide('sqlUrl', statements.url);
  project.provide('demoUrl', demo.resolvedUrls?.local[0] ?? '');

  return async () => {
    await Promise.all([demo.close(), statements.close(), backend.close()]);
    await rm(outDir, { recursive: true, force: true });
  };
}
