import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { DevServer } from '@ruwad/realtime-devserver';

/** Statements as superuser over HTTP, on this machine: tests run in other processes than the backend. */
export interface SqlServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers `{ query, params }` with `{ rows }`, or with `{ message }` when Postgres refuses. */
export async function serveSql(backend: DevServer): Promise<SqlServer> {
  const server = createServer((request, response) => {
    void json(request)
      .then((body) => {
        const { query, params } = body as { query: string; params: readonly unknown[] }; // from sql.ts alone
        return backend.sql(query, params);
      })
      .then((rows) => ({ rows }), (error: unknown) => ({ message: String(error) }))
      .then((answer) => response.end(JSON.stringify(answer)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, // of a TCP server
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
