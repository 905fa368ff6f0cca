import type { SupabaseClient } from '@supabase/supabase-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestBackend } from '../src/testing/index.ts';
import { startRealtimeBackend } from './support/realtimeServer.ts';

const ALICE = '11111111-1111-4111-8111-111111111111';
const BOB = '22222222-2222-4222-8222-222222222222';

let backend: TestBackend;

beforeAll(async () => {
  backend = await startRealtimeBackend();
});
afterEach(() => backend.closeClients());
afterAll(() => backend.close());

const anon = () => backend.anonClient();

/** With a token handed to Realtime alone, as apps with an auth of their own do. */
async function signedIn(sub: string): Promise<SupabaseClient> {
  const client = anon();
  await client.realtime.setAuth(await backend.server.signToken({ role: 'authenticated', sub }));
  return client;
}

describe('broadcast with an unmodified supabase-js', () => {
  it('reaches others, and oneself only when asked for', async () => {
    const [a, b] = [anon(), anon()];
    const mine: unknown[] = [];
    const sender = a.channel('room', { config: { broadcast: { ack: true } } }).on('broadcast', { event: '*' }, (message) => mine.push(message));
    const receiver = b.channel('room');
    const received = backend.record(receiver, 'broadcast', { event: 'shout' });
    await Promise.all([backend.waitForSubscribed(sender), backend.waitForSubscribed(receiver)]);
    expect(await sender.send({ type: 'broadcast', event: 'shout', payload: { text: 'سلام 🎈' } })).toBe('ok');
    expect(await received.next()).toMatchObject({ type: 'broadcast', event: 'shout', payload: { text: 'سلام 🎈' } });
    expect(mine).toEqual([]);

    const selfish = anon().channel('mirror', { config: { broadcast: { self: true, ack: true } } });
    const echoed = backend.record(selfish, 'broadcast', { event: 'x' });
    await backend.waitForSubscribed(selfish);
    await selfish.send({ type: 'broadcast', event: 'x', payload: { n: 1 } });
    expect(await echoed.next()).toMatchObject({ payload: { n: 1 } });
  });

  it('goes over HTTP with httpSend, joined or not', async () => {
    const receiver = anon().channel('over-http');
    const received = backend.record(receiver, 'broadcast', { event: 'posted' });
    await backend.waitForSubscribed(receiver);
    expect(await anon().channel('over-http').httpSend('posted', { via: 'http' })).toEqual({ success: true });
    expect(await received.next()).toMatchObject({ event: 'posted', payload: { via: 'http' } });
  });

  it('comes from SQL after the commit, with the id of its row', async () => {
    const receiver = anon().channel('from-sql');
    const received = backend.record(receiver, 'broadcast', { event: 'done' });
    await backend.waitForSubscribed(receiver);
    await backend.sql(`select realtime.send('{"n":1}', 'done', 'from-sql', false)`);
    const [row] = await backend.sql<{ id: string }>(`select id::text from realtime.messages where topic = 'from-sql'`);
    expect(await received.next()).toMatchObject({ payload: { n: 1, id: row?.id }, meta: { id: row?.id } });
  });
});

describe('presence with an unmodified supabase-js', () => {
  it('shows who tracks, what they change, and that they went', async () => {
    const [a, b] = [anon(), anon()];
    const alice = a.channel('people', { config: { presence: { key: 'alice' } } }).on('presence', { event: 'sync' }, () => undefined);
    const watcher = b.channel('people', { config: { presence: { key: 'bob' } } });
    const came = backend.record(watcher, 'presence', { event: 'join' });
    const gone = backend.record(watcher, 'presence', { event: 'leave' });
    await Promise.all([backend.waitForSubscribed(alice), backend.waitForSubscribed(watcher)]);
    expect(await alice.track({ at: 'desk' })).toBe('ok');
    expect(await came.next()).toMatchObject({ key: 'alice', newPresences: [{ at: 'desk' }] });
    expect(await alice.untrack()).toBe('ok');
    expect((await gone.next()).key).toBe('alice');
  });
});

describe('X1: private channels with an unmodified supabase-js', () => {
  it('refuse who may not read, with the reason', async () => {
    const channel = anon().channel('team', { config: { private: true } });
    await expect(backend.waitForSubscribed(channel)).rejects.toThrow('Unauthorized: You do not have permissions to read from this Channel topic: team');
  });

  it('carry messages between those who may', async () => {
    const [alice, bob] = await Promise.all([signedIn(ALICE), signedIn(BOB)]);
    const config = { config: { private: true, broadcast: { ack: true } } };
    const [sender, receiver] = [alice.channel('team', config), bob.channel('team', config)];
    const received = backend.record(receiver, 'broadcast', { event: 'e' });
    await Promise.all([backend.waitForSubscribed(sender), backend.waitForSubscribed(receiver)]);
    expect(await sender.send({ type: 'broadcast', event: 'e', payload: { for: 'team' } })).toBe('ok');
    expect(await received.next()).toMatchObject({ payload: { for: 'team' } });
  });

  it('are apart from the public channel of the same name, also for SQL', async () => {
    const overheard: unknown[] = [];
    const outsider = anon().channel('team').on('broadcast', { event: '*' }, (message) => overheard.push(message));
    const member = (await signedIn(ALICE)).channel('team', { config: { private: true } });
    const received = backend.record(member, 'broadcast', { event: 'secret' });
    await Promise.all([backend.waitForSubscribed(outsider), backend.waitForSubscribed(member)]);
    await backend.sql(`select realtime.send('{}', 'secret', 'team', true)`);
    await received.next();
    expect(overheard).toEqual([]);
  });

  it('say nothing to who may read but not write', async () => {
    const reader = (await signedIn(ALICE)).channel('readers', { config: { private: true, broadcast: { ack: true, self: true }, presence: { key: 'a' } } });
    const messages: unknown[] = [];
    reader.on('broadcast', { event: '*' }, (message) => messages.push(message)).on('presence', { event: 'sync' }, () => undefined);
    await backend.waitForSubscribed(reader);
    // A refused broadcast gets no answer; a later refusal shows that it was passed over.
    void reader.send({ type: 'broadcast', event: 'e', payload: {} });
    expect(await reader.track({ n: 1 })).toBe('error');
    expect(messages).toEqual([]);
  });
});

describe('Postgres changes and setAuth with an unmodified supabase-js', () => {
  it('X1: deliver rows by the policies of the token in use, and follow a new one', async () => {
    const client = await signedIn(ALICE);
    const channel = client.channel('notes');
    const changes = backend.record(channel, 'postgres_changes', { event: 'INSERT', schema: 'public', table: 'notes' });
    const verdicts = backend.record(channel, 'system');
    await backend.waitForSubscribed(channel);
    await verdicts.next();

    await backend.sql(`insert into notes values (1, 'of bob', $1), (2, 'of alice', $2)`, [BOB, ALICE]);
    await backend.settled();
    await client.realtime.setAuth(await backend.server.signToken({ role: 'authenticated', sub: BOB }));
    expect(await verdicts.next()).toMatchObject({ extension: 'postgres_changes', status: 'ok' });
    await backend.sql(`insert into notes values (3, 'of alice', $1), (4, 'of bob', $2)`, [ALICE, BOB]);
    await backend.settled();
    expect(changes.events.map(({ new: row }) => (row as { body?: unknown }).body)).toEqual(['of alice', 'of bob']);
  });
});
