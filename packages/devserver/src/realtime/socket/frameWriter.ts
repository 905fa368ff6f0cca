import type { Duplex } from 'node:stream';
import type { OutFrame } from '../hub/outFrame.ts';

/** What may be held back for one write; more goes out at once. */
const MAX_HELD_BYTES = 65_536;

/**
 * Writes frames to the connection below a WebSocket: frames of one turn of the event loop go out in one system call.
 * They pass ws by, which would frame each anew; its own close and pong frames take the same stream and keep their place.
 */
export class FrameWriter {
  /** Those that hold something back until the turn is over. */
  static #holding: FrameWriter[] = [];
  readonly #connection: Duplex;
  #held = 0;

  constructor(connection: Duplex) {
    this.#connection = connection;
  }

  /** Bytes that the client has not taken yet. */
  get waitingBytes(): number {
    return this.#connection.writableLength;
  }

  write({ chunks, bytes }: OutFrame): void {
    if (this.#held === 0) {
      this.#connection.cork();
      if (FrameWriter.#holding.push(this) === 1) queueMicrotask(FrameWriter.#releaseAll);
    }
    this.#held += bytes;
    for (const chunk of chunks) this.#connection.write(chunk);
    if (this.#held > MAX_HELD_BYTES) this.#release();
  }

  #release(): void {
    if (this.#held === 0) return;
    this.#held = 0;
    this.#connection.uncork();
  }

  static #releaseAll(): void {
    const holding = FrameWriter.#holding;
    FrameWriter.#holding = [];
    for (const writer of holding) writer.#release();
  }
}
