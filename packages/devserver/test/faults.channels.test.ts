import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startFaultyServer, type FaultyServer } from './support/faultyServer.ts';
import type { SessionClient } from './support/sessionClient.ts';

const ALICE = '11111111-1111-4111-8111-111111111111';
const BOB = '22222222-2222-4222-8222-222222222222';
const PASSWORD = 'correct horse';

let lab: FaultyServer;

beforeAll(async () => {
  lab = await startFaultyServer();
});

afterEach(() => lab.endClients());

afterAll(() => lab.server.close());

const tokenOf = (sub: string) => lab.server.signToken({ role: 'authenticated', sub });

const afterJoin = (client: SessionClient) => client.received.filter(({ event }) => event !== 'phx_reply').map(({ joinRef, ref, event, payload }) => ({ joinRef, ref, event, payload }));

async function rest(token: string): Promise<[number, unknown]> {
  const response = await fetch(`${lab.server.url}/rest/v1/notes?select=id`, { headers: { apikey: lab.server.anonKey, authorization: `Bearer ${token}` } });
  return [response.status, await response.json()];
}

async function auth(path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${lab.server.url}/auth/v1${path}`, { method: 'POST', headers: { apikey: lab.server.anonKey, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  // True by GoTrue's API: every answer is an object.
  return (await response.json()) as Record<string, unknown>;
}

describe('faults on channels', () => {
  it('a closed channel hears why and then phx_close of its join, as 08e and 12b show, and can be joined again', async () => {
    const client = await lab.client();
    const ref = await client.join('realtime:room');
    await client.join('realtime:other');
    expect(await lab.server.faults.closeChannels({ who: { topic: 'room' } })).toEqual({ channels: 1 });
    await client.until(() => client.of('phx_close').length === 1);
    expect(afterJoin(client)).toEqual([
      { joinRef: ref, ref: null, event: 'system', payload: { message: 'Too many messages per second', status: 'error', extension: 'system', channel: 'room' } },
      { joinRef: ref, ref, event: 'phx_close', payload: {} },
    ]);
    await client.join('realtime:room');
  });

  it('a crashed channel hears phx_error, as 13a shows, and others go on', async () => {
    const client = await lab.client();
    const ref = await client.join('realtime:crash');
    await client.join('realtime:other', { broadcast: { self: true } });
    await lab.server.faults.crashChannels({ who: { topic: 'crash' } });
    client.push('realtime:other', 'broadcast', { n: 1 }, '2');
    await client.until(() => client.of('broadcast').length === 1);
    expect(afterJoin(client)[0]).toEqual({ joinRef: ref, ref, event: 'phx_error', payload: { reason: 'channel_crash' } });
  });

  it('a refused join is answered after 5 s with the reason, as often as asked for', async () => {
    const { clock, server } = lab;
    const client = await lab.client();
    const refusal = await server.faults.refuseJoins({ count: 1, reason: 'UnknownErrorOnChannel: out of order', who: { topic: 'shut' } });
    await client.join('realtime:open');
    const before = clock.waiting;
    const refused = client.join('realtime:shut');
    await lab.advanceOnce(before, 4_999, client);
    await client.ping();
    expect(client.of('phx_reply')).toHaveLength(1);
    clock.advance(1);
    await refused;
    expect(client.of('phx_reply')[1]?.payload).toEqual({ status: 'error', response: { reason: 'UnknownErrorOnChannel: out of order' } });
    await refusal.ended;
    await client.join('realtime:shut');
    expect(client.of('phx_reply')[2]?.payload.status).toBe('ok');
  });
});

describe('faults on tokens', () => {
  it('expired tokens close their channels as 07e shows, and are refused by joins, REST and auth, while new ones are not', async () => {
    const { clock, server } = lab;
    const [alices, bobs] = [await tokenOf(ALICE), await tokenOf(BOB)];
    const client = await lab.client();
    const ref = await client.join('realtime:alice', {}, alices);
    await client.join('realtime:bob', {}, bobs);
    await client.join('realtime:guest');
    const expiry = await server.faults.expireTokens({ who: { userId: ALICE } });
    await client.until(() => client.of('phx_close').length === 1);
    expect(expiry.hits).toBe(1);
    expect(afterJoin(client)).toEqual([
      { joinRef: ref, ref: null, event: 'system', payload: { message: 'Token has expired 0 seconds ago', status: 'error', extension: 'system', channel: 'alice' } },
      { joinRef: ref, ref, event: 'phx_close', payload: {} },
    ]);
    clock.advance(2_000);
    const before = clock.waiting;
    const refused = client.join('realtime:alice', {}, alices);
    await lab.advanceOnce(before, 5_000, client);
    await refused;
    expect(client.of('phx_reply').at(-1)?.payload.response).toEqual({ reason: 'InvalidJWTToken: Token has expired 2 seconds ago' });
    expect(await rest(alices)).toEqual([401, { code: 'PGRST303', details: null, hint: null, message: 'JWT expired' }]);
    expect((await rest(bobs))[0]).toBe(200);
    const user = await fetch(`${server.url}/auth/v1/user`, { headers: { apikey: server.anonKey, authorization: `Bearer ${alices}` } });
    expect([user.status, await user.json()]).toMatchObject([403, { error_code: 'bad_jwt' }]);
    expect((await rest(await tokenOf(ALICE)))[0]).toBe(200);
    await expiry.stop();
    expect((await rest(alices))[0]).toBe(200);
  });

  it('a token signed in the second of the expiry holds when it came after it', async () => {
    const signed = (jti: string) => lab.server.signToken({ role: 'authenticated', sub: ALICE, jti });
    const [before, expiry] = [await signed('1'), await lab.server.faults.expireTokens()];
    const after = await signed('2');
    expect([(await rest(before))[0], (await rest(after))[0], (await rest(lab.server.anonKey))[0]]).toEqual([401, 200, 200]);
    await expiry.stop();
  });

  it('expired by topic, the people on it are meant wherever they use their tokens', async () => {
    const [alices, bobs] = [await tokenOf(ALICE), await tokenOf(BOB)];
    const client = await lab.client();
    await client.join('realtime:one', {}, alices);
    await client.join('realtime:two', {}, bobs);
    await using expiry = await lab.server.faults.expireTokens({ who: { topic: 'one' } });
    expect([expiry.hits, (await rest(alices))[0], (await rest(bobs))[0]]).toEqual([1, 401, 200]);
  });

  it('revoked sessions refuse their refresh tokens, while the access token holds', async () => {
    const email = 'revoked@example.com';
    const session = await auth('/signup', { email, password: PASSWORD });
    const [row] = await lab.server.sql<{ id: string }>('select id::text from auth.users where email = $1', [email]);
    expect(await lab.server.faults.revokeSessions({ userId: row?.id ?? '' })).toEqual({ sessions: 1 });
    expect(await auth('/token?grant_type=refresh_token', { refresh_token: session.refresh_token })).toMatchObject({ error_code: 'refresh_token_not_found' });
    expect((await rest(String(session.access_token)))[0]).toBe(200);
  });
});
