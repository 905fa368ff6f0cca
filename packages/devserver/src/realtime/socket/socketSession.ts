import type { Duplex } from 'node:stream';
import type { RawData } from 'ws';
import { NULL, type Codec, type IncomingMessage, type OutgoingMessage } from '../codec/message.ts';
import type { Channel } from '../channel/channel.ts';
import type { ChannelContext } from '../channel/context.ts';
import { PREFIX } from '../channel/admit.ts';
import { outFrame, type OutFrame } from '../hub/outFrame.ts';
import { reset } from '../handshake/refuse.ts';
import { LIMITS } from '../limits.ts';
import type { Timers } from '../../lib/time.ts';
import type { VerifiedToken } from '../../tokens/index.ts';
import { FrameWriter } from './frameWriter.ts';
import type { Link } from './link.ts';
import type { ServerSocket } from './serverSocket.ts';
import { TopicSlot } from './topicSlot.ts';

const CLOSE_GRACE_MS = 500;
/** Close code of sockets whose server goes away, by which clients come back at once. */
export const SERVICE_RESTART = 1012;

/** What a socket session is made of. */
export interface SocketSessionOptions {
  socket: ServerSocket;
  /** The connection below the WebSocket: any incoming byte counts against silence. */
  connection: Duplex;
  codec: Codec;
  apiKey: string;
  /** Whom the API key stands for. */
  caller: VerifiedToken;
  context: ChannelContext;
  onEnd: () => void;
}

/** One client's socket: reads its frames, keeps its topics, and never lets it harm another. */
export class SocketSession {
  readonly codec: Codec;
  readonly apiKey: string;
  readonly caller: VerifiedToken;
  readonly context: ChannelContext;
  /** What stands between this session and its socket, while a fault does. */
  link: Link | null = null;
  readonly #connection: Duplex;
  readonly #socket: ServerSocket;
  readonly #writer: FrameWriter;
  readonly #timers: Timers;
  readonly #slots = new Map<string, TopicSlot>();
  #silentTicks = 0;
  #pings = 0;
  #waitingBytes = 0;
  #ended = false;
  /** Who wants the socket not to be read. */
  readonly #holds = new Set<object>();

  constructor({ socket, connection, codec, apiKey, caller, context, onEnd }: SocketSessionOptions) {
    this.#socket = socket;
    this.codec = codec;
    this.apiKey = apiKey;
    this.caller = caller;
    this.#connection = connection;
    this.#writer = new FrameWriter({ socket, connection, logger: context.logger });
    this.context = context;
    this.#timers = context.time.timers();
    this.#timers.every(LIMITS.idleTickMs, () => this.#tick());
    connection.on('data', () => (this.#silentTicks = 0));
    socket.on('message', (data, isBinary) => {
      if (this.link === null) this.#receive(toBuffer(data), isBinary);
      else this.link.incoming(() => this.#receive(toBuffer(data), isBinary));
    });
    // Pings are answered without asking us, whether the client reads the answers or not.
    socket.on('ping', () => void this.#writer.cutOffIfSlow());
    // An oversized or malformed WebSocket frame: ws answers with its close code and closes.
    socket.on('error', (error) => context.logger.debug('a socket failed', { error: error.message }));
    socket.on('close', () => {
      this.link?.dispose();
      this.#end();
      onEnd();
    });
  }

  /** The channels it is on. */
  get channels(): Channel[] {
    return [...this.#slots.values()].flatMap(({ channel }) => channel ?? []);
  }

  /** Topics this socket is on or joining. */
  get topicCount(): number {
    return this.#slots.size;
  }

  send(message: OutgoingMessage): void {
    this.sendFrame(outFrame(this.codec.encode(message)));
  }

  /** Sends a frame, with the others of this turn of the event loop. */
  sendFrame(frame: OutFrame): void {
    if (this.link === null) this.#writer.write(frame);
    else this.link.outgoing(() => this.#writer.write(frame), frame.bytes);
  }

  /** Resolves once the client's end of the socket took in everything sent so far: a ping behind it is answered. */
  settled(): Promise<void> {
    const id = String((this.#pings += 1));
    // A fault stands between: nobody knows when the answer comes.
    if (this.link !== null || this.#holds.size > 0 || this.#socket.readyState !== this.#socket.OPEN) return Promise.resolve();
    return new Promise((resolve) => {
      const onPong = (data: Buffer) => data.toString() === id && finish();
      const finish = () => {
        this.#socket.off('pong', onPong).off('close', finish);
        resolve();
      };
      this.#socket.on('pong', onPong).on('close', finish);
      this.#writer.flush();
      this.#socket.ping(id);
    });
  }

  /** Closes the socket with a code of the WebSocket protocol; a client that does not answer in time is cut off. */
  close(code: number, reason = ''): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.readyState === this.#socket.CLOSED) return resolve();
      this.#socket.once('close', () => resolve());
      if (this.link === null) return this.#sendClose(code, reason);
      // The server is done with it at once, whenever the client hears of that.
      this.#end();
      this.link.outgoing(() => this.#sendClose(code, reason), 0);
    });
  }

  /** Forgets what stands between it and its socket. */
  unlink(): void {
    this.link?.dispose();
    this.link = null;
  }

  /** Tells every channel that the server ends the socket, and closes it (1012). */
  disconnect(): Promise<void> {
    for (const slot of this.#slots.values()) slot.sayDisconnect();
    return this.close(SERVICE_RESTART);
  }

  /** Cuts the connection as a crash does: no close frame, a TCP reset. */
  drop(): void {
    reset(this.#connection);
  }

  /** Reads nothing more until the returned function is called. */
  holdReading(): () => void {
    const hold = {};
    this.#holds.add(hold);
    this.#socket.pause();
    return () => {
      this.#holds.delete(hold);
      this.#readOn();
    };
  }

  /** Answers a message; `response` is JSON text. */
  reply({ ref, topicJson }: IncomingMessage, { status, response, joinRef = NULL }: { status: 'ok' | 'error'; response: string; joinRef?: string }): void {
    this.send({ joinRef, ref, topicJson, event: 'phx_reply', payload: `{"status":"${status}","response":${response}}` });
  }

  /** Answers a message to a topic that is not joined: leaving it is fine, anything else is not. */
  answerUnjoined(message: IncomingMessage): void {
    if (message.event === 'phx_leave') this.reply(message, { status: 'ok', response: '{}', joinRef: message.joinRef });
    else this.reply(message, { status: 'error', response: '{"reason":"unmatched topic"}' });
  }

  /** Forgets a topic that has neither channel nor waiting messages; one that came after it stays. */
  forget(topic: string, slot: TopicSlot): void {
    if (this.#slots.get(topic) === slot) this.#slots.delete(topic);
  }

  #sendClose(code: number, reason: string): void {
    const impatience = setTimeout(() => this.#socket.terminate(), CLOSE_GRACE_MS);
    this.#socket.once('close', () => clearTimeout(impatience));
    this.#socket.close(code, reason);
  }

  #readOn(): void {
    if (this.#holds.size === 0 && this.#waitingBytes <= LIMITS.maxWaitingBytes) this.#socket.resume();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#ended) return;
    // What cannot be read gets no answer and does no harm.
    const message = this.codec.decode(isBinary ? data : data.toString());
    if (!message) return;
    if (message.topic === 'phoenix' && message.event === 'heartbeat') return this.reply(message, { status: 'ok', response: '{}' });
    const slot = this.#slotFor(message);
    if (!slot) return this.answerUnjoined(message);
    slot.receive(message);
    if (slot.busy) this.#countWaiting(slot, data.length + LIMITS.messageOverheadBytes);
  }

  /** Stops reading while too much is waiting for an answer, so that a flood stays with its sender. */
  #countWaiting(slot: TopicSlot, bytes: number): void {
    this.#waitingBytes += bytes;
    if (this.#waitingBytes > LIMITS.maxWaitingBytes && !this.#socket.isPaused) {
      this.#socket.pause();
      this.context.logger.debug('a socket is read no further until what it sent is answered', { waitingBytes: this.#waitingBytes });
    }
    slot.whenIdle(() => {
      this.#waitingBytes -= bytes;
      this.#readOn();
    });
  }

  #slotFor({ topic, event }: IncomingMessage): TopicSlot | undefined {
    if (topic === null || !topic.startsWith(PREFIX)) return undefined;
    const known = this.#slots.get(topic);
    if (known || event !== 'phx_join') return known;
    const slot = new TopicSlot(this, topic);
    this.#slots.set(topic, slot);
    return slot;
  }

  #tick(): void {
    this.#silentTicks += 1;
    if (this.#silentTicks === LIMITS.idleTicks) void this.close(1000);
  }

  #end(): void {
    this.#ended = true;
    this.#timers.clear();
    for (const slot of this.#slots.values()) slot.end();
    this.context.tenant.users.delete(this);
    this.#slots.clear();
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
