import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Protocol version of a session's socket. */
export type Vsn = '1.0.0' | '2.0.0';

/** A received message of either version; `joinRef` is `null` in version 1. */
export interface Received {
  joinRef: unknown;
  ref: unknown;
  topic: string;
  event: string;
  payload: Record<string, unknown>;
}

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
    socket.on('message', (data: Buffer) => this.received.push(decode(data.toString(), vsn)));
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
    const ref = String((this.#lastRef += 1));
    const join = event === 'phx_join' ? ref : joinRef;
    this.raw(JSON.stringify(this.vsn === '2.0.0' ? [join, ref, topic, event, payload] : { topic, event, payload, ref, join_ref: join }));
    return ref;
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

  raw(text: string): void {
    this.#socket.send(text);
  }

  /** Resolves once `holds`, which is asked again after every message. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#socket, 'message');
  }

  end(): void {
    this.#socket.terminate();
  }
}

function decode(text: string, vsn: Vsn): Received {
  // True by the protocol: version 2 frames are arrays of five, version 1 frames objects of four.
  if (vsn === '1.0.0') return { joinRef: null, ...(JSON.parse(text) as Omit<Received, 'joinRef'>) };
  const [joinRef, ref, topic, event, payload] = JSON.parse(text) as [unknown, unknown, string, string, Record<string, unknown>];
  return { joinRef, ref, topic, event, payload };
}
