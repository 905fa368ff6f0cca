import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DevServer, DevServerOptions } from '../src/index.ts';
import { startParts } from '../src/startDevServer.ts';
import { createManualClock } from '../src/testing/manualClock.ts';
import { devProject } from './support/devProject.ts';
import { recordingLogger } from './support/recordingLogger.ts';
import { startRealtimeServer } from './support/realtimeServer.ts';
import { SessionClient } from './support/sessionClient.ts';
import { temporaryFolder } from './support/temporaryFolder.ts';

/*
 * What a tenant's limits do is in recordings 08b to 08g, which `pnpm conformance` replays. Here is what they do not show.
 */

const TOPIC = 'realtime:limits';
const BINDING = { event: '*', schema: 'public', table: 'items' };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function started(options: DevServerOptions): Promise<DevServer> {
  const server = await startRealtimeServer(options);
  ends.push(() => server.close());
  return server;
}

async function connected(server: DevServer): Promise<SessionClient> {
  const client = await SessionClient.open(server.url, server.anonKey, '2.0.0');
  ends.push(() => client.end());
  return client;
}

const rowsOf = (client: SessionClient) => client.of('postgres_changes').map(({ payload }) => (payload.data as { record: { id: number } }).record.id);

describe('changes of rows over their limit', () => {
  it('are lost without a word to the client, and with one in the log, until the rate is down', async () => {
    const clock = createManualClock();
    const logger = recordingLogger();
    const { migrations } = devProject(join(temporaryFolder(), 'supabase'));
    const setup = 'create table items (id int primary key); alter publication supabase_realtime add table items;';
    const { server, realtime } = await startParts({ port: 0, dataDir: null, migrations, seed: null, clock, logger, limits: { maxDbEventsPerSecond: 10 } }, setup);
    ends.push(() => server.close());
    const client = await connected(server);
    await client.join(TOPIC, { postgres_changes: [BINDING] });
    await client.until(() => client.of('system').length === 1);

    await server.sql('insert into items select generate_series(1, 200)');
    await client.until(() => rowsOf(client).length === 200);
    clock.advance(5_000);
    await server.sql('insert into items values (201)');
    await realtime.run?.feed.settled();
    clock.advance(25_000);
    await server.sql('insert into items values (202)');
    await client.until(() => rowsOf(client).includes(202));

    expect(rowsOf(client)).toEqual([...Array.from({ length: 200 }, (_, index) => index + 1), 202]);
    expect(client.of('system')).toHaveLength(1);
    expect(logger.lines.filter((line) => line.includes('maxDbEventsPerSecond'))).toEqual([expect.stringContaining('maxDbEventsPerSecond of 10 is reached: changes of rows are dropped')]);
  });
});

describe('settings of a tenant', () => {
  it('give presence to joins that do not ask for it', async () => {
    const client = await connected(await started({ limits: { presenceEnabled: true } }));
    await client.join(TOPIC);
    await client.until(() => client.of('presence_state').length === 1);
  });

  it('bound the payload of a broadcast', async () => {
    const client = await connected(await started({ limits: { maxPayloadSizeInKb: 1 } }));
    const joinRef = await client.join(TOPIC, { broadcast: { ack: true } });
    const [small, large] = [900, 1_100].map((bytes) => client.push(TOPIC, 'broadcast', { type: 'broadcast', event: 'e', payload: { x: 'x'.repeat(bytes) } }, joinRef));
    await client.ping();
    const answers = client.of('phx_reply').map(({ ref, payload }) => [ref, payload.status, payload.response]);
    expect(answers.slice(1)).toEqual([[small, 'ok', {}], [large, 'error', 'payload_size_exceeded']]);
  });
});

it('with strictJoinRefs a push of no join is dropped, and one of the join is answered', async () => {
  const client = await connected(await started({ strictJoinRefs: true }));
  const joinRef = await client.join(TOPIC, { broadcast: { ack: true } });
  const message = { type: 'broadcast', event: 'e', payload: {} };
  client.push(TOPIC, 'broadcast', message, null);
  client.push(TOPIC, 'broadcast', message, '999');
  const right = client.push(TOPIC, 'broadcast', message, joinRef);
  await client.until(() => client.of('phx_reply').some(({ ref }) => ref === right));
  expect(client.of('phx_reply').map(({ ref }) => ref)).toEqual([joinRef, right]);
});
