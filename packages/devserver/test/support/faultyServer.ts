import type { DevServer } from '../../src/index.ts';
import { createManualClock, type ManualClock, type TestBackendOptions } from '../../src/testing/index.ts';
import { startRealtimeServer } from './realtimeServer.ts';
import { SessionClient, type Vsn } from './sessionClient.ts';

/** A server whose time stands still until it is moved, with raw clients. */
export interface FaultyServer {
  server: DevServer;
  clock: ManualClock;
  /** A socket of the anonymous key, or of another one. */
  client(apiKey?: string, vsn?: Vsn): Promise<SessionClient>;
  /** Moves the time as soon as one more timer than `before` is waiting. */
  advanceOnce(waitingBefore: number, ms: number, witness: SessionClient): Promise<void>;
  endClients(): Promise<void>;
}

const SEED = 7;

export async function startFaultyServer(options: TestBackendOptions = {}): Promise<FaultyServer> {
  const clock = createManualClock();
  const server = await startRealtimeServer({ clock, timeScale: 1, faults: { seed: SEED }, ...options });
  const clients: SessionClient[] = [];
  return {
    server,
    clock,
    async client(apiKey = server.anonKey, vsn = '2.0.0') {
      const client = await SessionClient.open(server.url, apiKey, vsn);
      clients.push(client);
      return client;
    },
    async advanceOnce(waitingBefore, ms, witness) {
      while (clock.waiting <= waitingBefore) await witness.ping();
      clock.advance(ms);
    },
    async endClients() {
      await server.faults.clear();
      for (const client of clients.splice(0)) client.end();
    },
  };
}

/** The Postgres changes of `notes` in a join. */
export const NOTES = { postgres_changes: [{ event: '*', schema: 'public', table: 'notes' }] };

/** Joins with a binding on `notes`, and resolves once its changes flow. */
export async function watchNotes(client: SessionClient, topic: string, accessToken?: string): Promise<string> {
  const ref = await client.join(topic, NOTES, accessToken);
  await client.until(() => client.of('system', topic).length > 0);
  return ref;
}

/** The ids of the rows of all changes a client got on a topic, in order. */
export function rowIds(client: SessionClient, topic: string): unknown[] {
  return client.of('postgres_changes', topic).map(({ payload }) => {
    // True by the protocol: a change of `notes` carries its record.
    const { data } = payload as { data: { record: { id: number } } };
    return data.record.id;
  });
}
