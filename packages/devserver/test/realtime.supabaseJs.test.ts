import type { RealtimeChannel, SupabaseClient } from '@supabase/supabase-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../src/index.ts';
import { clientOf, joined, startRealtimeServer } from './support/realtimeServer.ts';

const ALICE = '11111111-1111-4111-8111-111111111111';
const BOB = '22222222-2222-4222-8222-222222222222';

let server: DevServer;
const clients: SupabaseClient[] = [];

beforeAll(async () => {
  server = await startRealtimeServer();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.removeAllChannels()));
});

afterAll(() => server.close());

function anon(): SupabaseClient {
  const client = clientOf(server);
  clients.push(client);
  return client;
}

async function signedIn(sub: string): Promise<SupabaseClient> {
  const client = anon();
  await client.realtime.setAuth(await server.signToken({ role: 'authenticated', sub }));
  return client;
}

/** The next message a channel hears of, as its listener gets it. */
function next<T>(listen: (resolve: (value: T) => void) => unknown): Promise<T> {
  return new Promise((resolve) => void listen(resolve));
}

const heard = (channel: RealtimeChannel, event: string) => next<Record<string, unknown>>((resolve) => channel.on('broadcast', { event }, resolve));

describe('broadcast with an unmodified supabase-js', () => {
  it('reaches others, and oneself only when asked for', async () => {
    const [a, b] = [anon(), anon()];
    const mine: unknown[] = [];
    const sender = a.channel('room', { config: { broadcast: { ack: true } } }).on('broadcast', { event: '*' }, (message) => mine.push(message));
    const receiver = b.channel('room');
    const received = heard(receiver, 'shout');
    await Promise.all([joined(sender), joined(receiver)]);
    expect(await sender.send({ type: 'broadcast', event: 'shout', payload: { text: 'سلام 🎈' } })).toBe('ok');
    expect(await received).toMatchObject({ type: 'broadcast', event: 'shout', payload: { text: 'سلام 🎈' } });
    expect(mine).toEqual([]);

    const selfish = anon().channel('mirror', { config: { broadcast: { self: true, ack: true } } });
    const echoed = heard(selfish, 'x');
    await joined(selfish);
    await selfish.send({ type: 'broadcast', event: 'x', payload: { n: 1 } });
    expect(await echoed).toMatchObject({ payload: { n: 1 } });
  });

  it('goes over HTTP with httpSend, joined or not', async () => {
    const receiver = anon().channel('over-http');
    const received = heard(receiver, 'posted');
    await joined(receiver);
    expect(await anon().channel('over-http').httpSend('posted', { via: 'http' })).toEqual({ success: true });
    expect(await received).toMatchObject({ event: 'posted', payload: { via: 'http' } });
  });

  it('comes from SQL after the commit, with the id of its row', async () => {
    const receiver = anon().channel('from-sql');
    const received = heard(receiver, 'done');
    await joined(receiver);
    await server.sql(`select realtime.send('{"n":1}', 'done', 'from-sql', false)`);
    const [row] = await server.sql<{ id: string }>(`select id::text from realtime.messages where topic = 'from-sql'`);
    expect(await received).toMatchObject({ payload: { n: 1, id: row?.id }, meta: { id: row?.id } });
  });
});

describe('presence with an unmodified supabase-js', () => {
  it('shows who tracks, what they change, and that they went', async () => {
    const [a, b] = [anon(), anon()];
    const alice = a.channel('people', { config: { presence: { key: 'alice' } } }).on('presence', { event: 'sync' }, () => undefined);
    const watcher = b.channel('people', { config: { presence: { key: 'bob' } } });
    const came = next((resolve) => watcher.on('presence', { event: 'join' }, ({ key, newPresences }) => resolve({ key, newPresences })));
    const gone = next((resolve) => watcher.on('presence', { event: 'leave' }, ({ key }) => resolve(key)));
    await Promise.all([joined(alice), joined(watcher)]);
    expect(await alice.track({ at: 'desk' })).toBe('ok');
    expect(await came).toMatchObject({ key: 'alice', newPresences: [{ at: 'desk' }] });
    expect(await alice.untrack()).toBe('ok');
    expect(await gone).toBe('alice');
  });
});

describe('X1: private channels with an unmodified supabase-js', () => {
  it('refuse who may not read, with the reason', async () => {
    const channel = anon().channel('team', { config: { private: true } });
    await expect(joined(channel)).rejects.toThrow('Unauthorized: You do not have permissions to read from this Channel topic: team');
  });

  it('carry messages between those who may', async () => {
    const [alice, bob] = await Promise.all([signedIn(ALICE), signedIn(BOB)]);
    const config = { config: { private: true, broadcast: { ack: true } } };
    const [sender, receiver] = [alice.channel('team', config), bob.channel('team', config)];
    const received = heard(receiver, 'e');
    await Promise.all([joined(sender), joined(receiver)]);
    expect(await sender.send({ type: 'broadcast', event: 'e', payload: { for: 'team' } })).toBe('ok');
    expect(await received).toMatchObject({ payload: { for: 'team' } });
  });

  it('are apart from the public channel of the same name, also for SQL', async () => {
    const overheard: unknown[] = [];
    const outsider = anon().channel('team').on('broadcast', { event: '*' }, (message) => overheard.push(message));
    const member = (await signedIn(ALICE)).channel('team', { config: { private: true } });
    const received = heard(member, 'secret');
    await Promise.all([joined(outsider), joined(member)]);
    await server.sql(`select realtime.send('{}', 'secret', 'team', true)`);
    await received;
    expect(overheard).toEqual([]);
  });

  it('say nothing to who may read but not write', async () => {
    const reader = (await signedIn(ALICE)).channel('readers', { config: { private: true, broadcast: { ack: true, self: true }, presence: { key: 'a' } } });
    const messages: unknown[] = [];
    reader.on('broadcast', { event: '*' }, (message) => messages.push(message)).on('presence', { event: 'sync' }, () => undefined);
    await joined(reader);
    // A refused broadcast gets no answer; a later refusal shows that it was passed over.
    void reader.send({ type: 'broadcast', event: 'e', payload: {} });
    expect(await reader.track({ n: 1 })).toBe('error');
    expect(messages).toEqual([]);
  });
});

describe('Postgres changes and setAuth with an unmodified supabase-js', () => {
  it('X1: deliver rows by the policies of the token in use, and follow a new one', async () => {
    const client = await signedIn(ALICE);
    const bodies: unknown[] = [];
    let verdicts = 0;
    let onEvent: () => void = () => undefined;
    const until = (condition: () => boolean) => next<void>((resolve) => (onEvent = () => condition() && resolve()));
    const channel = client
      .channel('notes')
      .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'notes' }, (change) => {
        bodies.push(change.new.body);
        onEvent();
      })
      .on('system', {}, ({ status, extension }: { status: string; extension: string }) => {
        if (extension === 'postgres_changes' && status === 'ok') verdicts += 1;
        onEvent();
      });
    const subscribed = until(() => verdicts === 1);
    await joined(channel);
    await subscribed;

    const first = until(() => bodies.length === 1);
    await server.sql(`insert into notes values (1, 'of bob', $1), (2, 'of alice', $2)`, [BOB, ALICE]);
    await first;
    const renewed = until(() => verdicts === 2);
    await client.realtime.setAuth(await server.signToken({ role: 'authenticated', sub: BOB }));
    await renewed;
    const second = until(() => bodies.length === 2);
    await server.sql(`insert into notes values (3, 'of alice', $1), (4, 'of bob', $2)`, [ALICE, BOB]);
    await second;
    expect(bodies).toEqual(['of alice', 'of bob']);
  });
});
