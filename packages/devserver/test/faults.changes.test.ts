import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NOTES, rowIds, startFaultyServer, watchNotes, type FaultyServer } from './support/faultyServer.ts';
import type { SessionClient } from './support/sessionClient.ts';

const ALICE = '11111111-1111-4111-8111-111111111111';
const OK = { message: 'Subscribed to PostgreSQL', status: 'ok', extension: 'postgres_changes' };

let lab: FaultyServer;
let token: string;
let lastId = 0;

beforeAll(async () => {
  lab = await startFaultyServer();
  token = await lab.server.signToken({ role: 'authenticated', sub: ALICE });
});

afterEach(() => lab.endClients());

afterAll(() => lab.server.close());

/** Inserts rows that alice may see, each in a transaction of its own; returns their ids. */
async function insert(rows: number): Promise<number[]> {
  const ids = Array.from({ length: rows }, () => (lastId += 1));
  for (const id of ids) await lab.server.sql('insert into notes values ($1, $2, $3)', [id, 'text', ALICE]);
  return ids;
}

async function watcher(topic = 'realtime:notes'): Promise<SessionClient> {
  const client = await lab.client();
  await watchNotes(client, topic, token);
  return client;
}

/** Resolves once a topic got as many changes. */
const changes = (client: SessionClient, count: number, topic = 'realtime:notes') => client.until(() => client.of('postgres_changes', topic).length >= count);

describe('faults on the stream of changes', () => {
  it('a skipped batch is lost without a sign, and what comes after it is not', async () => {
    const client = await watcher();
    const before = await insert(1);
    const skip = await lab.server.faults.skipBatches({ count: 1 });
    await insert(1);
    await skip.ended;
    const after = await insert(1);
    await changes(client, 2);
    expect(rowIds(client, 'realtime:notes')).toEqual([...before, ...after]);
    expect(client.received.map(({ event }) => event)).toEqual(['phx_reply', 'system', 'postgres_changes', 'postgres_changes']);
  });

  it('while replication is cut every change is lost, up to the moment it is restored', async () => {
    const client = await watcher();
    const before = await insert(2);
    const cut = await lab.server.faults.cutReplication();
    await insert(5);
    await cut.stop();
    expect(cut.hits).toBe(5);
    const after = await insert(2);
    await changes(client, 4);
    expect(rowIds(client, 'realtime:notes')).toEqual([...before, ...after]);
  });

  it('duplicated changes come twice, one after the other', async () => {
    const client = await watcher();
    await using _ = await lab.server.faults.duplicateChanges();
    const [a, b] = await insert(2);
    await changes(client, 4);
    expect(rowIds(client, 'realtime:notes')).toEqual([a, a, b, b]);
  });

  it('reordered channels mix among themselves, and each keeps its own order', async () => {
    const client = await lab.client();
    for (const topic of ['realtime:a', 'realtime:b', 'realtime:c']) {
      client.push(topic, 'phx_join', { config: NOTES, access_token: token }, null);
    }
    await client.until(() => client.of('system').length === 3);
    await using _ = await lab.server.faults.reorderChannels();
    const ids = Array.from({ length: 10 }, () => (lastId += 1));
    await lab.server.sql('insert into notes select id, $2, $3 from unnest($1::bigint[]) id', [ids, 'text', ALICE]);
    await client.until(() => client.of('postgres_changes').length === 30);
    for (const topic of ['realtime:a', 'realtime:b', 'realtime:c']) expect(rowIds(client, topic)).toEqual(ids);
    const order = client.of('postgres_changes').map(({ topic }) => topic.slice(-1)).join('');
    expect(order).not.toBe('abc'.repeat(10));
  });

  it('delayed changes come by the time given, in order', async () => {
    const client = await watcher();
    const { clock, server } = lab;
    const delay = await server.faults.delayChanges({ ms: 200, jitterMs: 100 });
    const before = clock.waiting;
    const first = await insert(1);
    await lab.advanceOnce(before, 199, client);
    await client.ping();
    expect(rowIds(client, 'realtime:notes')).toEqual([]);
    const second = await insert(1);
    await delay.stop();
    await changes(client, 2);
    expect(rowIds(client, 'realtime:notes')).toEqual([...first, ...second]);
  });
});

describe('faults on subscriptions', () => {
  it('a delayed `system` ok comes late, and changes until then are lost', async () => {
    const { clock, server } = lab;
    const delay = await server.faults.delaySystemOk({ ms: 1_500 });
    const client = await lab.client();
    const before = clock.waiting;
    const ref = client.push('realtime:notes', 'phx_join', { config: NOTES, access_token: token }, null);
    await client.until(() => client.of('phx_reply').length === 1);
    while (delay.hits === 0 || clock.waiting <= before) await client.ping();
    await insert(3);
    clock.advance(1_499);
    await client.ping();
    expect(client.of('system')).toEqual([]);
    clock.advance(1);
    await client.until(() => client.of('system').length === 1);
    const after = await insert(1);
    await changes(client, 1);
    expect(client.of('system')[0]).toEqual({ joinRef: ref, ref: null, topic: 'realtime:notes', event: 'system', payload: { ...OK, channel: 'notes' } });
    expect(rowIds(client, 'realtime:notes')).toEqual(after);
  });

  it('a cold server answers joins at once and subscribes them all when it is warm', async () => {
    const { clock, server } = lab;
    const cold = await server.faults.coldStart({ ms: 2_000 });
    const [a, b] = [await lab.client(), await lab.client()];
    for (const client of [a, b]) await client.join('realtime:notes', NOTES, token);
    while (cold.hits < 2) await a.ping();
    clock.advance(2_000);
    await cold.ended;
    for (const client of [a, b]) await client.until(() => client.of('system').length === 1);
    const ids = await insert(1);
    for (const client of [a, b]) {
      await changes(client, 1);
      expect(rowIds(client, 'realtime:notes')).toEqual(ids);
    }
  });

  it('a check of the publication says ok again, and an error where the table is gone', async () => {
    const client = await watcher();
    expect(await lab.server.faults.recheckPublication()).toEqual({ subscriptions: 1 });
    await client.until(() => client.of('system').length === 2);
    await lab.server.sql('alter publication supabase_realtime drop table notes');
    await lab.server.faults.recheckPublication();
    await client.until(() => client.of('system').length === 3);
    await lab.server.sql('alter publication supabase_realtime add table notes');
    expect(client.of('system').map(({ payload }) => [payload.status, payload.extension])).toEqual([
      ['ok', 'postgres_changes'],
      ['ok', 'postgres_changes'],
      ['error', 'postgres_changes'],
    ]);
    expect(client.of('system')[2]?.payload.message).toBe(
      'Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: [event: *, schema: public, table: notes, filters: [], select: nil]',
    );
  });

  it('a subscription that the database fails is an error on a joined channel, and is tried again after 5 s', async () => {
    const { clock, server } = lab;
    const failing = await server.faults.failSubscriptions({ count: 1, exception: 'tcp recv: closed' });
    const client = await lab.client();
    const before = clock.waiting;
    await watchNotes(client, 'realtime:notes', token);
    await failing.ended;
    expect(client.of('system')[0]?.payload).toEqual({
      message:
        'Unable to subscribe to changes with given parameters. An exception happened so please check your connect parameters: [event: *, schema: public, table: notes, filters: [], select: nil]. Exception: tcp recv: closed',
      status: 'error',
      extension: 'postgres_changes',
      channel: 'notes',
    });
    await lab.advanceOnce(before, 5_000, client);
    await client.until(() => client.of('system').length === 2);
    expect(client.of('system')[1]?.payload).toEqual({ ...OK, channel: 'notes' });
  });
});
