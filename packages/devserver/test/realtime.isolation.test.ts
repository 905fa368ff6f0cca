import { once } from 'node:events';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../src/index.ts';
import { startRealtimeServer } from './support/realtimeServer.ts';
import { recordingLogger } from './support/recordingLogger.ts';

const logger = recordingLogger();
let server: DevServer;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  server = await startRealtimeServer({ logger });
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

afterAll(() => server.close());

/** A raw version 2 socket with the frames it received. */
interface Peer {
  socket: WebSocket;
  frames: unknown[];
  send(frame: unknown): void;
  /** The first frame, come or to come, that has this event. */
  frame(event: string): Promise<unknown>;
}

async function open(): Promise<Peer> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${server.anonKey}&vsn=2.0.0`);
  sockets.push(socket);
  const frames: unknown[] = [];
  let onFrame: () => void = () => undefined;
  socket.on('message', (data: Buffer, isBinary) => {
    frames.push(isBinary ? data : JSON.parse(data.toString()));
    onFrame();
  });
  await once(socket, 'open');
  return {
    socket,
    frames,
    send: (frame) => socket.send(JSON.stringify(frame)),
    frame: (event) =>
      new Promise((resolve) => {
        onFrame = () => {
          const found = frames.find((frame) => Array.isArray(frame) && frame[3] === event);
          if (found !== undefined) resolve(found);
        };
        onFrame();
      }),
  };
}

async function member(topic: string, config: Record<string, unknown> = {}): Promise<Peer> {
  const peer = await open();
  peer.send(['1', '1', `realtime:${topic}`, 'phx_join', { config }]);
  await peer.frame('phx_reply');
  return peer;
}

/** Shows that a peer is alive: what it sends to a topic reaches its member. */
async function talk(from: Peer, to: Peer, topic: string, text: string): Promise<void> {
  from.send(['1', '2', `realtime:${topic}`, 'broadcast', { type: 'broadcast', event: 'e', payload: { text } }]);
  expect(await to.frame('broadcast')).toEqual([null, null, `realtime:${topic}`, 'broadcast', { type: 'broadcast', event: 'e', payload: { text } }]);
}

describe('X3: a client that misbehaves touches no other', () => {
  it('when it sends what is no message: no answer, and the socket goes on', async () => {
    const [rude, other] = [await member('x3-garbage'), await member('x3-garbage')];
    for (const garbage of ['not json', '{}', '[]', 'null', '', '[1,2]', Buffer.from([9, 1, 2]), Buffer.from([0]), Buffer.alloc(0)]) rude.socket.send(garbage);
    await talk(rude, other, 'x3-garbage', 'still here');
    expect(rude.frames).toHaveLength(1);
  });

  it('when its frame is too big: 1009 for it alone', async () => {
    const [big, a, b] = [await open(), await member('x3-big'), await member('x3-big')];
    big.socket.send('x'.repeat(5_000_001));
    expect((await once(big.socket, 'close'))[0]).toBe(1009);
    await talk(a, b, 'x3-big', 'unharmed');
  });

  it('when one of its channels crashes: phx_error for that channel alone', async () => {
    const [crasher, other] = [await member('x3-crash'), await member('x3-crash')];
    crasher.send(['5', '5', 'realtime:x3-other', 'phx_join', { config: {} }]);
    crasher.send(['1', '6', 'realtime:x3-crash', 'broadcast', 'a string']);
    expect(await crasher.frame('phx_error')).toEqual(['1', '1', 'realtime:x3-crash', 'phx_error', { reason: 'channel_crash' }]);
    crasher.send(['1', '7', 'realtime:x3-crash', 'broadcast', {}]);
    const neighbour = await member('x3-other');
    neighbour.send(['1', '2', 'realtime:x3-other', 'broadcast', { n: 1 }]);
    expect(await crasher.frame('broadcast')).toEqual([null, null, 'realtime:x3-other', 'broadcast', { n: 1 }]);
    expect(other.frames).toHaveLength(1);
  });

  it('when JSON is nested as deep as a frame allows: its channel at most', async () => {
    const [deep, a, b] = [await member('x3-deep'), await member('x3-deep'), await member('x3-deep')];
    const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    deep.socket.send(`["1","2","realtime:x3-deep","presence",{"event":"track","payload":{"deep":${nested}}}]`);
    await talk(a, b, 'x3-deep', 'unharmed');
  });

  it('when it sends on before its joins are answered: a topic it is done with counts no longer', async () => {
    const hasty = await open();
    for (let n = 0; n < 101; n += 1) {
      hasty.send(['1', '1', `realtime:hasty-${n}`, 'phx_join', { config: {} }]);
      hasty.send(['1', '2', `realtime:hasty-${n}`, 'broadcast', {}]);
      hasty.send(['1', '3', `realtime:hasty-${n}`, 'phx_leave', {}]);
      while (!hasty.frames.some((frame) => Array.isArray(frame) && frame[2] === `realtime:hasty-${n}` && frame[3] === 'phx_close')) await once(hasty.socket, 'message');
    }
    hasty.send(['1', '1', 'realtime:hasty', 'phx_join', { config: {} }]);
    while (!hasty.frames.some((frame) => Array.isArray(frame) && frame[2] === 'realtime:hasty')) await once(hasty.socket, 'message');
    expect(hasty.frames.at(-1)).toEqual(['1', '1', 'realtime:hasty', 'phx_reply', { status: 'ok', response: { postgres_changes: [] } }]);
  });

  it('when its token is wrong: HTTP 401 with the reason, after a pause', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=wrong&vsn=2.0.0`);
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, AsyncIterable<Buffer> & { statusCode: number }];
    let body = '';
    for await (const part of response) body += part.toString();
    expect([response.statusCode, body]).toEqual([401, '{"error":"The token provided is not a valid JWT"}']);
  });
});

it('X1: broadcasts of the past are kept from who may only read presence', async () => {
  await server.sql(`create policy presence_only on realtime.messages for select to authenticated using (realtime.topic() = 'lobby' and extension = 'presence')`);
  await server.sql(`select realtime.send('{"secret":1}', 'e', 'lobby', true)`);
  const guest = await open();
  const config = { private: true, presence: { enabled: true }, broadcast: { replay: { since: 0 } } };
  guest.send(['1', '1', 'realtime:lobby', 'phx_join', { config, access_token: await server.signToken({ role: 'authenticated' }) }]);
  await guest.frame('presence_state');
  guest.send([null, '2', 'phoenix', 'heartbeat', {}]);
  while (!guest.frames.some((frame) => Array.isArray(frame) && frame[1] === '2')) await once(guest.socket, 'message');
  expect(guest.frames.map((frame) => (Array.isArray(frame) ? (frame[3] as unknown) : frame))).toEqual(['phx_reply', 'presence_state', 'phx_reply']);
});

it('a socket that says nothing is closed with 1000, whatever it receives', async () => {
  const silent = await member('idle');
  expect((await once(silent.socket, 'close'))[0]).toBe(1000);
});

it('closing the server closes its sockets with 1012', async () => {
  const own = await startRealtimeServer();
  const socket = new WebSocket(`${own.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${own.anonKey}`);
  await once(socket, 'open');
  const closed = once(socket, 'close');
  await own.close();
  expect((await closed)[0]).toBe(1012);
});
