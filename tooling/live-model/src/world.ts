import { fileURLToPath } from 'node:url';
import { createTestBackend, type TestBackend } from '@ruwad/realtime-devserver/testing';
import { openPage, type Page } from './page.ts';
import { SETUP } from './tasks.ts';
import { createVirtualTime, type VirtualTime } from './virtualTime.ts';

/** A server, a page and their time, for all runs of a file. */
export interface World {
  readonly backend: TestBackend;
  readonly page: Page;
  readonly time: VirtualTime;
  close(): Promise<void>;
}

const CHANGE_LOG = fileURLToPath(new URL('../../../supabase/optional/change_log.sql', import.meta.url));

/** Starts a server in this process, and takes over its time. */
export async function openWorld(): Promise<World> {
  const backend = await createTestBackend({ migrations: CHANGE_LOG, seed: null, setup: SETUP });
  const page = openPage();
  const time = createVirtualTime();
  return {
    backend,
    page,
    time,
    async close() {
      time.end();
      await backend.close();
    },
  };
}
