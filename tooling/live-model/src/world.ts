import { createTestBackend, type TestBackend, type TestBackendOptions } from '@ruwad/realtime-devserver/testing';
import { openPage, type Page } from './page.ts';
import { createVirtualTime, type VirtualTime } from './virtualTime.ts';

/** A server, a page and their time, for all runs of a file. */
export interface World {
  readonly backend: TestBackend;
  readonly page: Page;
  readonly time: VirtualTime;
  close(): Promise<void>;
}

/** What its database is made of. */
export type WorldOptions = Pick<TestBackendOptions, 'migrations' | 'seed' | 'setup'>;

/** Starts a server in this process, and takes over its time. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const backend = await createTestBackend(options);
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
