import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A frame from the server. */
interface ServerFrame {
  opcode: number;
  payload: Buffer;
}

/** A frame as a client may or may not send it; a good masked text frame unless said otherwise. */
export interface FrameOptions {
  opcode?: number;
  fin?: boolean;
  /** Bits RSV1 to RSV3. */
  reserved?: number;
  masked?: boolean;
  /** What the header says, when that is not the payload's length. */
  length?: number;
}

const MAX_KEPT_BYTES = 64_000;

/** A TCP connection that sends whatever it is told, and keeps the beginning of what came back. */
export class RawSocket {
  readonly socket: Socket;
  /** Resolves when the connection is over, by whomever. */
  readonly closed: Promise<void>;
  received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    // A reset is an end too.
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      if (this.received.length < MAX_KEPT_BYTES) this.received = Buffer.concat([this.received, data]);
    });
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  static async connect(url: string): Promise<RawSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawSocket(socket);
  }

  /** Connects and shakes hands for protocol version 2. */
  static async upgraded(url: string, apiKey: string): Promise<RawSocket> {
    const raw = await RawSocket.connect(url);
    raw.socket.write(handshake(apiKey));
    while (!raw.received.includes('\r\n\r\n')) await once(raw.socket, 'data');
    raw.received = raw.received.subarray(raw.received.indexOf('\r\n\r\n') + 4);
    return raw;
  }

  /** Writes, and resolves once the system has taken it. */
  async write(data: string | Buffer): Promise<void> {
    if (!this.socket.write(data) && !this.socket.destroyed) await Promise.race([new Promise((resolve) => this.socket.once('drain', resolve)), this.closed]);
  }

  /** First line of an HTTP answer; empty when there was none. */
  get statusLine(): string {
    return this.received.toString('latin1').split('\r\n')[0] ?? '';
  }

  /** Close code of the WebSocket, `null` when the server sent none. */
  get closeCode(): number | null {
    const close = frames(this.received).find(({ opcode }) => opcode === 8);
    return close === undefined || close.payload.length < 2 ? null : close.payload.readUInt16BE(0);
  }

  end(): void {
    this.socket.destroy();
  }
}

/** An upgrade request; `headers` replace or add lines. */
export function handshake(apiKey: string, headers: Record<string, string> = {}, { method = 'GET', path = `/realtime/v1/websocket?apikey=${apiKey}&vsn=2.0.0` } = {}): string {
  const all = { Host: '127.0.0.1', Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers };
  return `${method} ${path} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** The bytes of one WebSocket frame; its mask is zero. */
export function frame(payload: string | Buffer, { opcode = 1, fin = true, reserved = 0, masked = true, length }: FrameOptions = {}): Buffer {
  const body = Buffer.from(payload);
  const size = length ?? body.length;
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  const header = size < 126 ? Buffer.from([first, mask | size]) : size < 65_536 ? Buffer.from([first, mask | 126, size >> 8, size & 255]) : Buffer.from([first, mask | 127, ...long(size)]);
  return Buffer.concat([header, Buffer.alloc(masked ? 4 : 0), body]);
}

function long(size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(size));
  return bytes;
}

/** Whole frames at the beginning of what a server sent; those of a server are not masked. */
function frames(bytes: Buffer): ServerFrame[] {
  const found: ServerFrame[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const [first = 0, short = 0] = bytes.subarray(at, at + 2);
    const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
    const start = at + 2 + extended;
    if (start > bytes.length) break;
    const length = extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (start + length > bytes.length) break;
    found.push({ opcode: first & 15, payload: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}
