import { PGlite } from '@electric-sql/pglite';
import { startDevServer, type DevServer } from '@ruwad/realtime-devserver';
import { fileURLToPath } from 'node:url';
import { Crowd } from './crowd.ts';

/** Everything the cases share: our server, a bare Postgres for the floors, and clients in another process. */
export interface Workshop {
  server: DevServer;
  /** A bare PGlite, without baseline and capture. */
  pglite: PGlite;
  crowd: Crowd;
  /** Where a Realtime socket of protocol version 2 connects to. */
  socketUrl: string;
  close(): Promise<void>;
}

/** Our own schema for the benchmark, which the start is measured with too. */
export const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

/** Starts both sides. */
export async function openWorkshop(): Promise<Workshop> {
  // Long delays, for nothing deliberate (silent sockets being closed) is to happen while we measure.
  const server = await startDevServer({ port: 0, dataDir: null, migrations: MIGRATIONS, seed: null, timeScale: 500 });
  const pglite = await PGlite.create();
  const crowd = new Crowd();
  return {
    server,
    pglite,
    crowd,
    socketUrl: `${server.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${server.anonKey}&vsn=2.0.0`,
    close: async () => {
      crowd.end();
      await server.close();
      await pglite.close();
    },
  };
}

/** The first message of a client: it joins `realtime:<name>`, with bindings for Postgres changes if it wants any. */
export function join(name: string, bindings: readonly object[] = [], accessToken?: string): string {
  const config = { broadcast: { self: false, ack: false }, presence: { enabled: false }, postgres_changes: bindings, private: false };
  return JSON.stringify(['1', '1', `realtime:${name}`, 'phx_join', { config, ...(accessToken === undefined ? {} : { access_token: accessToken }) }]);
}

/** Says that changes flow; for joins with bindings. */
export const SUBSCRIBED = 'Subscribed to PostgreSQL';
