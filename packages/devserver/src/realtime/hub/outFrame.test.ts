import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { silentLogger } from '../../logger.ts';
import { FrameWriter } from '../socket/frameWriter.ts';
import { ServerSocket } from '../socket/serverSocket.ts';
import { outFrame, SplicedFrames, type OutFrame } from './outFrame.ts';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, WebSocket: ServerSocket });
beforeAll(async () => {
  if (server.address() === null) await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

async function connect() {
  const accepted = once(server, 'connection');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`); // a TCP server's address is an object
  const messages: (string | Buffer)[] = [];
  client.on('message', (data: Buffer, isBinary: boolean) => messages.push(isBinary ? data : data.toString()));
  const closed = once(client, 'close');
  const [socket, request] = (await accepted) as [ServerSocket, IncomingMessage];
  return { client, socket, writer: new FrameWriter({ socket, connection: request.socket, logger: silentLogger }), messages, closed };
}

/** What a client's WebSocket library makes of frames that are written in one turn, and of the close after them. */
async function received(frames: readonly OutFrame[]): Promise<(string | Buffer)[]> {
  const { socket, writer, messages, closed } = await connect();
  for (const frame of frames) writer.write(frame);
  socket.close(1000);
  expect((await closed)[0]).toBe(1000);
  return messages;
}

it('frames texts and bytes of every length as another library reads them', async () => {
  const lengths = [0, 1, 125, 126, 65_535, 65_536, 1_000_000];
  const texts = lengths.map((length) => 'ä'.repeat(length / 2) + 'x'.repeat(length % 2));
  const bytes = lengths.map((length) => Buffer.alloc(length, 7));
  const frames = [...texts, ...bytes].map(outFrame);
  expect(await received(frames)).toEqual([...texts, ...bytes]);
});

it('splices a text of any length between heads and tails', async () => {
  for (const text of ['', 'ö', 'ö'.repeat(40_000)]) {
    const frames = new SplicedFrames(text);
    const [one, two, three] = [frames.between(Buffer.from('[1,"ä",'), ']'), frames.between(Buffer.from('[2,'), ']'), frames.between(Buffer.from('{"3":'), '}')];
    expect(await received([one, two, three])).toEqual([`[1,"ä",${text}]`, `[2,${text}]`, `{"3":${text}}`]);
  }
});

it('writes what one turn brings in order, however much it is', async () => {
  const texts = Array.from({ length: 400 }, (_, n) => `${n}:${'x'.repeat(n * 10)}`);
  expect(await received(texts.map(outFrame))).toEqual(texts);
});

it('answers a client that closes right after it asked', async () => {
  const { client, socket, writer, messages, closed } = await connect();
  socket.on('message', () => writer.write(outFrame('the answer')));
  await (client.readyState === client.OPEN || once(client, 'open'));
  client.send('a question');
  client.close(1000);
  await closed;
  expect(messages).toEqual(['the answer']);
});
