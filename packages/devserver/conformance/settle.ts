import { WebSocket } from 'ws';
import type { Database } from '../src/database/database.ts';

/** Schema of what the replay itself needs; its changes are no part of a recording. */
export const OWN_SCHEMA = 'conformance';

/** To be run after every reset, since the fixtures make the publication anew. */
export const OWN_SQL = `
create schema if not exists ${OWN_SCHEMA};
grant usage on schema ${OWN_SCHEMA} to anon;
create table if not exists ${OWN_SCHEMA}.mark (id int generated always as identity primary key);
grant select on ${OWN_SCHEMA}.mark to anon;
alter publication supabase_realtime add table ${OWN_SCHEMA}.mark;
`;

/** A server that hangs is not waited for longer. */
const PATIENCE_MS = 5_000;
const TOPIC = 'conformance-marks';

/**
 * Resolves once everything that was committed before has been sent: a change and a database broadcast of our own,
 * made now, are delivered after all earlier ones.
 */
export async function settle({ port, db, apiKey }: { port: number; db: Database; apiKey: string }): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket/websocket?vsn=1.0.0&apikey=${apiKey}`);
  const bindings = [{ event: 'INSERT', schema: OWN_SCHEMA, table: 'mark' }];
  socket.on('open', () => socket.send(JSON.stringify({ topic: `realtime:${TOPIC}`, event: 'phx_join', ref: '1', payload: { config: { postgres_changes: bindings } } })));
  const settled = new Promise<void>((resolve, reject) => {
    const impatience = setTimeout(resolve, PATIENCE_MS);
    const finish = () => {
      clearTimeout(impatience);
      resolve();
    };
    socket.on('close', finish);
    socket.on('message', (data: Buffer) => {
      const { event } = JSON.parse(data.toString()) as { event: string };
      if (event === 'broadcast') finish();
      // A recording may have changed the publication, so that the verdict is an error; the broadcast still comes.
      else if (event === 'system') db.exec(`insert into ${OWN_SCHEMA}.mark default values`).catch(reject);
      if (event === 'postgres_changes' || data.includes('"status":"error"')) db.exec(`select realtime.send('{}', 'mark', '${TOPIC}', false)`).catch(reject);
    });
  });
  await settled.finally(() => socket.terminate());
}
