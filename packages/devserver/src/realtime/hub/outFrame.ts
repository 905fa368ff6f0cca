import type { Frame, Vsn } from '../codec/message.ts';
import type { Broadcast } from './broadcast.ts';

/** One WebSocket frame as its bytes on the wire, header included. A server's frames are not masked, so sockets share them. */
export interface OutFrame {
  /** In the order they are written. */
  readonly chunks: readonly Buffer[];
  /** Length of all chunks. */
  readonly bytes: number;
}

const TEXT = 1;
const BINARY = 2;
/** Set on the last (here the only) frame of a message. */
const FIN = 0x80;
/** Longest header without mask: two bytes and a length of eight. */
const MAX_HEADER_BYTES = 10;
/** Texts from this length on are shared between frames: memory of its own for every frame costs more than a second write. */
const SHARED_FROM_BYTES = 256;

/** Frames a message: a string as text, bytes as binary. */
export function outFrame(message: Frame): OutFrame {
  if (typeof message !== 'string') return { chunks: [header(BINARY, message.length), message], bytes: headerBytes(message.length) + message.length };
  const length = Buffer.byteLength(message);
  const frame = Buffer.allocUnsafe(headerBytes(length) + length);
  frame.write(message, writeHeader(frame, TEXT, length));
  return { chunks: [frame], bytes: frame.length };
}

/** Makes the frame of a broadcast once per protocol version, as bytes that all sockets share. */
export function sharedFrame(broadcast: Broadcast): (vsn: Vsn) => OutFrame | null {
  const make = (vsn: Vsn): OutFrame | null => {
    const message = broadcast(vsn);
    return message === null ? null : outFrame(message);
  };
  let version1: OutFrame | null | undefined;
  let version2: OutFrame | null | undefined;
  return (vsn) => (vsn === '2.0.0' ? (version2 === undefined ? (version2 = make(vsn)) : version2) : version1 === undefined ? (version1 = make(vsn)) : version1);
}

/** Text frames that differ in what surrounds one text, which is encoded once. */
export class SplicedFrames {
  readonly #text: string;
  /** The text and its tail, by tail: there is one for each protocol version. */
  readonly #rests = new Map<string, Buffer>();

  constructor(text: string) {
    this.#text = text;
  }

  /** The frame of `head`, the text and `tail`. */
  between(head: string, tail: string): OutFrame {
    const rest = this.#restWith(tail);
    const headLength = Buffer.byteLength(head);
    const length = headLength + rest.length;
    const bytes = headerBytes(length) + length;
    const isShared = rest.length >= SHARED_FROM_BYTES;
    const frame = allocate(isShared ? bytes - rest.length : bytes);
    const start = writeHeader(frame, TEXT, length);
    frame.write(head, start);
    if (isShared) return { chunks: [frame, rest], bytes };
    rest.copy(frame, start + headLength);
    return { chunks: [frame], bytes };
  }

  #restWith(tail: string): Buffer {
    const known = this.#rests.get(tail);
    if (known !== undefined) return known;
    const rest = Buffer.from(this.#text + tail);
    this.#rests.set(tail, rest);
    return rest;
  }
}

/** Frames of one burst lie side by side in memory: Node's own pool is too small for more than a few. */
const SLAB_BYTES = 65_536;
let slab = Buffer.alloc(0);
let used = 0;

function allocate(bytes: number): Buffer {
  if (used + bytes > slab.length) {
    slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytes));
    used = 0;
  }
  return slab.subarray(used, (used += bytes));
}

function header(opcode: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(MAX_HEADER_BYTES);
  return buffer.subarray(0, writeHeader(buffer, opcode, length));
}

function headerBytes(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : MAX_HEADER_BYTES;
}

/** Writes the header of an unmasked frame (RFC 6455, section 5.2) and returns its length. */
function writeHeader(target: Buffer, opcode: number, length: number): number {
  target[0] = FIN | opcode;
  if (length < 126) target[1] = length;
  else if (length < 65_536) {
    target[1] = 126;
    target.writeUInt16BE(length, 2);
  } else {
    target[1] = 127;
    target.writeBigUInt64BE(BigInt(length), 2);
  }
  return headerBytes(length);
}
