import { expect, it, onTestFinished } from 'vitest';
import { startRealtimeServer } from './support/realtimeServer.ts';
import { SessionClient } from './support/sessionClient.ts';

it('R1: a table published while triggers on it are pending is captured before its subscription is confirmed', async () => {
  const server = await startRealtimeServer();
  onTestFinished(() => server.close());
  await server.sql(`do $$ begin
    create table late (id int primary key, parent int references late deferrable initially deferred);
    insert into late values (1, 1);
    alter publication supabase_realtime add table late;
  end $$`);
  expect(await server.sql(`select relid from realtime_changes.captured where relid = 'late'::regclass`)).toEqual([]);

  const client = await SessionClient.open(server.url, server.anonKey, '2.0.0');
  await client.join('realtime:late', { postgres_changes: [{ event: 'INSERT', schema: 'public', table: 'late' }] });
  await client.until(() => client.of('system').length > 0);
  expect(client.of('system')[0]?.payload).toMatchObject({ status: 'ok' });
  await server.sql('insert into late values (2, 1)');
  await client.until(() => client.of('postgres_changes').length > 0);
  expect(client.of('postgres_changes')[0]?.payload['data']).toMatchObject({ record: { id: 2, parent: 1 } });
  client.end();
});
