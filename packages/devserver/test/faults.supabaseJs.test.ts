import { SupabaseClient, type RealtimeChannel } from '@supabase/supabase-js';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../src/index.ts';
import type { TestBackend } from '../src/testing/index.ts';
import { startRealtimeBackend } from './support/realtimeServer.ts';

const ALICE = '11111111-1111-4111-8111-111111111111';

let backend: TestBackend;
let server: DevServer;
let lastId = 0;
const clients: SupabaseClient[] = [];

beforeAll(async () => {
  backend = await startRealtimeBackend();
  server = backend.server;
});

afterEach(async () => {
  await server.faults.clear();
  await Promise.all(clients.splice(0).map((client) => client.removeAllChannels()));
});

afterAll(() => backend.close());

async function alice(): Promise<SupabaseClient> {
  const token = await server.signToken({ role: 'authenticated', sub: ALICE });
  // A token given to `setAuth` by hand would be forgotten at the first reconnect.
  const client = new SupabaseClient(server.url, server.anonKey, { realtime: { transport: WebSocket as never }, accessToken: () => Promise.resolve(token) });
  clients.push(client);
  await client.realtime.setAuth();
  return client;
}

async function insert(): Promise<number> {
  lastId += 1;
  await server.sql('insert into notes values ($1, $2, $3)', [lastId, 'text', ALICE]);
  return lastId;
}

/** What a channel told its app, in order: statuses, verdicts, row ids. */
interface Told {
  events: unknown[];
  until: (holds: (events: unknown[]) => boolean) => Promise<void>;
}

/** Subscribes to `notes` as an app does; resolves once changes flow. */
async function watch(client: SupabaseClient): Promise<Told & { channel: RealtimeChannel }> {
  const events: unknown[] = [];
  let look: () => void = () => undefined;
  const tell = (event: unknown): void => {
    events.push(event);
    look();
  };
  const until: Told['until'] = (holds) =>
    new Promise((resolve) => {
      look = () => holds(events) && resolve();
      look();
    });
  const channel = client
    .channel('notes')
    .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'notes' }, ({ new: { id } }) => tell(id))
    .on('system', {}, ({ status, extension }: { status: string; extension: string }) => extension === 'postgres_changes' && tell(status))
    .subscribe((status) => tell(status));
  await until(() => events.includes('ok'));
  return { channel, events, until };
}

const count = (events: unknown[], event: unknown) => events.filter((other) => other === event).length;

describe('an unmodified supabase-js under faults', () => {
  it('comes back after its socket was dropped, and misses what was committed meanwhile', async () => {
    const { events, until } = await watch(await alice());
    await server.faults.dropSockets();
    await until(() => events.includes('CHANNEL_ERROR'));
    await insert();
    await until(() => count(events, 'ok') === 2);
    const after = await insert();
    await until(() => events.includes(after));
    expect(events).toEqual(['SUBSCRIBED', 'ok', 'CHANNEL_ERROR', 'SUBSCRIBED', 'ok', after]);
  });

  it.each([true, false])('comes back after a restart of the server (graceful: %s)', async (graceful) => {
    const { events, until } = await watch(await alice());
    const restart = await server.faults.restartServer({ graceful, downMs: 50 });
    await restart.ended;
    await until(() => count(events, 'ok') === 2);
    const after = await insert();
    await until(() => events.includes(after));
    expect(count(events, 'SUBSCRIBED')).toBe(2);
  });

  it('only tells that its channel was closed by the server, and never joins it again, as 12b shows', async () => {
    const client = await alice();
    const { events, until, channel } = await watch(client);
    await server.faults.closeChannels({ message: 'Client presence rate limit exceeded' });
    await until(() => events.includes('CLOSED'));
    expect([events, channel.state, client.realtime.isConnected()]).toEqual([['SUBSCRIBED', 'ok', 'CLOSED'], 'closed', true]);
  });

  it('learns nothing of lost changes, nor of a half-open socket', async () => {
    const { events, until, channel } = await watch(await alice());
    const cut = await server.faults.cutReplication();
    await insert();
    await cut.stop();
    const seen = await insert();
    await until(() => events.includes(seen));
    const fault = await server.faults.halfOpen();
    const other = await watch(await alice());
    const late = await insert();
    await other.until((heard) => heard.includes(late));
    expect([events, channel.state]).toEqual([['SUBSCRIBED', 'ok', seen], 'joined']);
    await fault.stop();
    await until(() => events.includes(late));
    expect(events).toEqual(['SUBSCRIBED', 'ok', seen, late]);
  });

  it('gets the reason of a refused join', async () => {
    await server.faults.refuseJoins({ reason: 'PrivateOnly: This project only allows private channels' });
    await expect(backend.waitForSubscribed((await alice()).channel('room'))).rejects.toThrow('PrivateOnly: This project only allows private channels');
  });

  it('gets the errors of REST while the database is down', async () => {
    const client = backend.anonClient();
    await using _ = await server.faults.restartDatabase({ downMs: 3_600_000 });
    const { error, status } = await client.from('notes').select('id').retry(false);
    expect([status, error?.code]).toEqual([503, 'PGRST000']);
  });
});
