import type { Duplex } from 'node:stream';
import type { Logger } from '../../logger.ts';
import type { OutFrame } from '../hub/outFrame.ts';
import { LIMITS } from '../limits.ts';
import type { ServerSocket } from './serverSocket.ts';

/** What may be held back for one write; more goes out at once. */
const MAX_HELD_BYTES = 65_536;

/**
 * Writes frames to the connection below a WebSocket: frames of one turn of the event loop go out in one system call.
 * They pass ws by, which would frame each anew; what is held back goes out before ws closes the socket, and who has ws
 * send anything else that must come after calls {@link FrameWriter.flush} before.
 */
export class FrameWriter {
  /** Those that hold something back until the turn is over. */
  static #holding: FrameWriter[] = [];
  /** Where frames are put together: the system copies what it takes, so that one piece of memory serves all sockets. */
  static #desk = Buffer.alloc(0);
  static #deskUsed = 0;
  /** The last piece, while its place is free again: the next frame often has the same length. */
  static #freed: Buffer | null = null;
  readonly #socket: ServerSocket;
  readonly #connection: Duplex;
  readonly #logger: Logger;
  #held: OutFrame | null = null;

  constructor({ socket, connection, logger }: { socket: ServerSocket; connection: Duplex; logger: Logger }) {
    this.#socket = socket;
    this.#connection = connection;
    this.#logger = logger;
    socket.beforeClose = () => this.flush();
  }

  write(frame: OutFrame): void {
    if (this.#held === null) {
      this.#held = frame;
      if (FrameWriter.#holding.push(this) === 1) setImmediate(FrameWriter.#flushAll);
    } else {
      this.#held = Burst.of(this.#held, frame);
      if (this.#held.bytes > MAX_HELD_BYTES) this.flush();
    }
  }

  /** Writes what is held back; a socket that closes gets nothing more. */
  flush(): void {
    const frame = this.#held;
    this.#held = null;
    if (frame === null || this.#socket.readyState !== this.#socket.OPEN || this.cutOffIfSlow()) return;
    if (frame.whole === null) this.#writePiece(frame);
    else this.#connection.write(frame.whole);
  }

  /** A client that does not read is cut off rather than let its frames fill the memory. */
  cutOffIfSlow(): boolean {
    const bufferedBytes = this.#connection.writableLength;
    if (bufferedBytes <= LIMITS.maxBufferedBytes) return false;
    this.#logger.warn('a client reads too slowly and is cut off', { bufferedBytes });
    this.#socket.terminate();
    return true;
  }

  #writePiece(frame: OutFrame): void {
    const piece = FrameWriter.#piece(frame.bytes);
    frame.writeTo(piece, 0);
    this.#connection.write(piece);
    const isTaken = this.#connection.writableLength === 0;
    // What waits for its client is still read from there.
    if (!isTaken) FrameWriter.#deskUsed += frame.bytes;
    FrameWriter.#freed = isTaken ? piece : null;
  }

  static #piece(bytes: number): Buffer {
    if (this.#freed?.length === bytes) return this.#freed;
    if (this.#deskUsed + bytes > this.#desk.length) {
      this.#desk = Buffer.allocUnsafeSlow(Math.max(MAX_HELD_BYTES, bytes));
      this.#deskUsed = 0;
    }
    return this.#desk.subarray(this.#deskUsed, this.#deskUsed + bytes);
  }

  static #flushAll(this: void): void {
    const holding = FrameWriter.#holding;
    FrameWriter.#holding = [];
    for (const writer of holding) writer.flush();
  }
}

/** Several frames on their way together. */
class Burst implements OutFrame {
  readonly whole = null;
  bytes = 0;
  readonly #frames: OutFrame[] = [];

  /** What was held back and one frame more. */
  static of(held: OutFrame, frame: OutFrame): Burst {
    const burst = held instanceof Burst ? held : new Burst().#with(held);
    return burst.#with(frame);
  }

  writeTo(target: Buffer, at: number): void {
    let start = at;
    for (const frame of this.#frames) {
      frame.writeTo(target, start);
      start += frame.bytes;
    }
  }

  #with(frame: OutFrame): this {
    this.#frames.push(frame);
    this.bytes += frame.bytes;
    return this;
  }
}
