import { createClient } from '@supabase/supabase-js';
import { afterEach, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createRealtimeClient, defineChannel, type RealtimeClient } from '../src/index.ts';
import { createScriptedServer, type Message } from './support/scriptedSocket.ts';
import { keep, until } from './support/until.ts';

// Ends of joins as supabase-js reports them, over a server that says what the test says.
const room = defineChannel({ name: 'room', topic: 'room', broadcasts: { wave: z.object({}) } });
let realtime: RealtimeClient | undefined;
afterEach(() => realtime?.dispose());

/** Somebody in the room, and the joins that got them there. */
async function enter({ timeout = 10_000, answer = true } = {}) {
  const server = createScriptedServer();
  const supabase = createClient('http://127.0.0.1:1', 'anon-key', { realtime: { transport: server.Transport, timeout, heartbeatIntervalMs: 600_000 } });
  realtime = createRealtimeClient({ supabase, reconnect: { baseMs: 20 } });
  const channel = realtime.channel(room);
  const errors: (string | undefined)[] = [];
  channel.store.subscribe(() => errors.push(channel.store.get().error?.code));
  const nextJoin = async (number: number): Promise<Message> => {
    await expect.poll(() => server.joins().length, { timeout: 10_000, interval: 5 }).toBe(number);
    return server.joins()[number - 1] ?? [null, null, '', '', null];
  };
  const live = () => until(channel.store, ({ status }) => status === 'live', 'live');
  const first = await nextJoin(1);
  if (answer) {
    server.socket().accept(first);
    await live();
  }
  const acceptNext = async (): Promise<void> => {
    const join = await nextJoin(2);
    server.socket().accept(join); // which may be another socket by then
    await live();
  };
  return { server, channel, errors, nextJoin, acceptNext, live, first };
}

test('C3: a channel that the server closes without being asked is joined again', async () => {
  const { server, errors, acceptNext, first: [ref, , topic] } = await enter();
  server.socket().say([ref, null, topic, 'phx_close', {}]);
  await acceptNext();
  expect(errors).toContain('channel/closed');
});

test('C3: the reason that comes before the close is the reason of the close, and one that is no error is none', async () => {
  const { server, errors, acceptNext, first: [ref, , topic] } = await enter();
  const system = (status: string, message: string): Message => [ref, null, topic, 'system', { extension: 'system', status, message, channel: 'room' }];
  server.socket().say(system('error', 'Token has expired 1 seconds ago'));
  server.socket().say(system('ok', 'Replication connection established'));
  server.socket().say([ref, null, topic, 'phx_close', {}]);
  await acceptNext();
  expect(errors).toContain('auth/token-expired');
});

test('C3: the late close of an earlier join does not end the one that replaced it', async () => {
  const { server, channel, nextJoin, live, first: [ref, , topic] } = await enter();
  server.socket().say([ref, null, topic, 'phx_error', { reason: 'channel_crash' }]);
  const second = await nextJoin(2);
  server.socket().accept(second);
  await live();
  for (const event of ['phx_close', 'phx_error']) server.socket().say([ref, ref, topic, event, {}]);
  // A message that follows them finds the channel as it was.
  const heard = until(channel.broadcast$('wave'), () => true, 'a wave');
  server.socket().say([null, null, topic, 'broadcast', { type: 'broadcast', event: 'wave', payload: {} }]);
  await heard;
  expect([channel.store.get().status, server.joins().length]).toEqual(['live', 2]);
});

test('C3: a join that nobody answers times out and is sent again', async () => {
  const { errors, acceptNext } = await enter({ timeout: 50, answer: false });
  await acceptNext();
  expect(errors).toContain('channel/join-timeout');
});

test('a message into a socket that no longer answers is not said to be sent', async () => {
  const { channel } = await enter({ timeout: 50 });
  await expect(channel.send('wave', {})).rejects.toMatchObject({ code: 'channel/send-timeout', retryable: true });
});

test('C3: a crashed channel is joined again', async () => {
  const { server, errors, acceptNext, first: [ref, , topic] } = await enter();
  server.socket().say([ref, null, topic, 'phx_error', { reason: 'channel_crash' }]);
  await acceptNext();
  expect(errors).toContain('channel/crashed');
});

test('C3: a socket that the server closes with 1000, as it does with idle ones, is opened again', async () => {
  const { server, errors, acceptNext } = await enter();
  server.socket().close(1000);
  await acceptNext();
  expect(errors).toContain('connection/closed');
});

test('C3: a channel that supabase-js closes for the app, by removing all of them, is joined again', async () => {
  const server = createScriptedServer();
  const supabase = createClient('http://127.0.0.1:1', 'anon-key', { realtime: { transport: server.Transport } });
  realtime = createRealtimeClient({ supabase, reconnect: { baseMs: 20 } });
  const { store } = realtime.channel(room);
  const stop = keep(store);
  await expect.poll(() => server.joins().length, { interval: 5 }).toBe(1);
  for (const join of server.joins()) server.socket().accept(join);
  await until(store, ({ status }) => status === 'live', 'live');
  await supabase.removeAllChannels();
  await expect.poll(() => server.joins().length, { timeout: 10_000, interval: 5 }).toBe(2);
  server.socket().accept(server.joins()[1] ?? [null, null, '', '', null]);
  await until(store, ({ status }) => status === 'live', 'live again');
  stop();
});
