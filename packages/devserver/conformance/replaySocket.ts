import { WebSocket } from 'ws';
import { binaryFrame, closeFrame, httpFrame, textFrame, type Received } from './frames.ts';

/** Close codes the recorder could not send by itself. */
const TERMINATED = 1006;
const NO_CODE = 1005;
/** Payload of pings that are the replay's own. */
const FLUSH = 'flush';

/** One socket of a replay: keeps what it received. */
export class ReplaySocket {
  readonly received: Received[] = [];
  readonly #socket: WebSocket;
  readonly #onReceived: (frame: Received) => void;
  readonly #flushes: (() => void)[] = [];
  #opened = false;
  #ended = false;

  constructor(url: string, headers: Record<string, string>, onReceived: (frame: Received) => void) {
    this.#onReceived = onReceived;
    this.#socket = new WebSocket(url, { headers, perMessageDeflate: false });
    this.#socket.on('open', () => {
      this.#opened = true;
      this.#keep({ lane: '(open)', event: 'open', content: 'open', raw: 'open', cut: false });
    });
    this.#socket.on('message', (data: Buffer, isBinary) => this.#keep(isBinary ? binaryFrame(data) : textFrame(data.toString())));
    this.#socket.on('pong', (data) => this.#onPong(data.toString()));
    this.#socket.on('unexpected-response', (_request, response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => this.#keep(httpFrame(response.statusCode ?? 0, Buffer.concat(parts).toString())));
    });
    // What went wrong shows as a close.
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', (code) => {
      for (const resolve of this.#flushes.splice(0)) resolve();
      // A handshake that failed is seen by its HTTP answer, if it got one.
      if (this.#opened && !this.#ended) this.#keep(closeFrame(code));
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(data: string | Buffer): void {
    this.#socket.send(data);
  }

  ping(): void {
    this.#socket.ping();
  }

  /** Resolves once the server has read everything sent so far, or the socket is gone. */
  flushed(): Promise<void> {
    if (!this.isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      this.#flushes.push(resolve);
      this.#socket.ping(FLUSH);
    });
  }

  /** Resolves once the handshake is over, well or not. */
  settled(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.CONNECTING) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once('open', resolve);
      this.#socket.once('close', () => resolve());
    });
  }

  /** Ends the socket as the recorded client did; its close is not something received. */
  end(code: number): void {
    this.#ended = true;
    if (code === TERMINATED) this.#socket.terminate();
    else if (code === NO_CODE) this.#socket.close();
    else this.#socket.close(code);
  }

  #onPong(data: string): void {
    if (data === FLUSH) this.#flushes.shift()?.();
    else this.#keep({ lane: '(pong)', event: 'pong', content: 'pong', raw: 'pong', cut: false });
  }

  #keep(frame: Received): void {
    if (this.#ended) return;
    this.received.push(frame);
    this.#onReceived(frame);
  }
}
