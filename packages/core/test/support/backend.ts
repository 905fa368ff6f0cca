import { fileURLToPath } from 'node:url';
import type { DevServer } from '@ruwad/realtime-devserver';
import { createTestBackend, type TestBackendOptions } from '@ruwad/realtime-devserver/testing';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { RealtimeClientOptions } from '../../src/index.ts';
import { openApp, people, type App, type SignInOptions } from './people.ts';

/** A dev server and the apps on it, for the tests of one file. */
export interface Backend {
  /** The server that runs now. */
  readonly server: DevServer;
  /** Opens a person's app; it is closed after the test. */
  open(who: keyof typeof people, options?: Partial<RealtimeClientOptions> & SignInOptions): Promise<App>;
  /** Stops the server, lets `meanwhile` run, and starts another one, with a new database, on the same port. */
  restart(meanwhile: () => Promise<unknown>): Promise<void>;
}

/** Starts a dev server before the tests of a file and stops it after them. */
export function useBackend(options: Pick<TestBackendOptions, 'timeScale' | 'limits'> = {}): Backend {
  let server: DevServer;
  const apps: App[] = [];

  beforeAll(async () => {
    server = await startBackend(options);
  });
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });
  afterAll(async () => {
    await server.close();
  });

  return {
    get server() {
      return server;
    },
    async open(who, appOptions) {
      const app = await openApp(server, people[who], appOptions);
      apps.push(app);
      return app;
    },
    async restart(meanwhile) {
      const { port } = server;
      await server.close();
      await meanwhile();
      server = await startBackend({ ...options, port });
    },
  };
}

const supabase = (path: string) => fileURLToPath(new URL(`../../../../supabase/${path}`, import.meta.url));

/** A dev server in memory with the repository's migrations and demo data, on a free port unless told otherwise. */
async function startBackend(options: TestBackendOptions = {}): Promise<DevServer> {
  return (await createTestBackend({ migrations: supabase('migrations'), seed: supabase('seed.sql'), ...options })).server;
}
