import { once } from 'node:events';
import { WebSocket } from 'ws';
import { readFrame, textFrame, type ClientPush, type Received, type Vsn } from './clientFrames.ts';

export type { Received, Vsn } from './clientFrames.ts';

/** A raw socket that speaks either version and keeps what it received. */
export class SessionClient {
  readonly received: Received[] = [];
  readonly vsn: Vsn;
  /** Resolves to the close code. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #lastRef = 0;

  private constructor(socket: WebSocket, vsn: Vsn) {
    this.vsn = vsn;
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    // A reset shows as a close 1006.
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary: boolean) => this.received.push(readFrame(data, { isBinary, vsn })));
  }

  static async open(url: string, apiKey: string, vsn: Vsn): Promise<SessionClient> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${apiKey}&vsn=${vsn}`);
    const client = new SessionClient(socket, vsn);
    await once(socket, 'open');
    return client;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Sends a push with a ref of its own, which it returns; a join is its own `joinRef`. */
  push(topic: string, event: string, payload: unknown, joinRef: string | null): string {
    return this.#pushAs({ topic, event, joinRef }, (push) => textFrame(this.vsn, push, payload));
  }

  /** Sends a push as a binary frame, which `frameOf` makes; version 1 knows none. */
  pushBinary(push: Omit<ClientPush, 'ref'>, frameOf: (push: ClientPush) => Buffer): string {
    return this.#pushAs(push, frameOf);
  }

  /** Joins, and resolves to the ref of the join once it was answered. */
  async join(topic: string, config: object = {}, accessToken?: string): Promise<string> {
    const ref = this.push(topic, 'phx_join', { config, ...(accessToken === undefined ? {} : { access_token: accessToken }) }, null);
    await this.until(() => this.of('phx_reply').some((reply) => reply.ref === ref));
    return ref;
  }

  /** What was received with an event, of one topic if one is given. */
  of(event: string, topic?: string): Received[] {
    return this.received.filter((message) => message.event === event && (topic === undefined || message.topic === topic));
  }

  /** Resolves once the server's WebSocket has seen all that was sent so far, and this side what it sent back until then. */
  async ping(): Promise<void> {
    const pong = once(this.#socket, 'pong');
    this.#socket.ping();
    await pong;
  }

  /** Resolves once the server has read all that was sent so far, and what it had sent back until then is here: a heartbeat's answer comes after it. */
  async caughtUp(): Promise<void> {
    const heartbeat = this.push('phoenix', 'heartbeat', {}, null);
    await this.until(() => this.received.some(({ topic, ref }) => topic === 'phoenix' && ref === heartbeat));
  }

  raw(frame: string | Buffer): void {
    this.#socket.send(frame);
  }

  /** Resolves once `holds`, which is asked again after every message. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#socket, 'message');
  }

  end(): void {
    this.#socket.terminate();
  }

  #pushAs({ topic, event, joinRef }: Omit<ClientPush, 'ref'>, frameOf: (push: ClientPush) => string | Buffer): string {
    const ref = String((this.#lastRef += 1));
    this.raw(frameOf({ topic, event, ref, joinRef: event === 'phx_join' ? ref : joinRef }));
    return ref;
  }
}
