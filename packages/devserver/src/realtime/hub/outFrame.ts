import type { Frame, Vsn } from '../codec/message.ts';
import type { Broadcast } from './broadcast.ts';

/** One WebSocket frame, header included. A server's frames are not masked, so sockets may share them. */
export interface OutFrame {
  /** Length on the wire. */
  readonly bytes: number;
  /** The frame as it is, where sockets share it; `null` for one that is put together for each. */
  readonly whole: Buffer | null;
  /** Writes the frame to `target`, from `at` on. */
  writeTo(target: Buffer, at: number): void;
}

const TEXT = 1;
const BINARY = 2;
/** Set on the last (here the only) frame of a message. */
const FIN = 0x80;
/** Longest header without mask: two bytes and a length of eight. */
const MAX_HEADER_BYTES = 10;
/** Frames a message: a string as text, bytes as binary. */
export function outFrame(message: Frame): OutFrame {
  const isText = typeof message === 'string';
  const length = isText ? Buffer.byteLength(message) : message.length;
  const whole = Buffer.allocUnsafe(headerBytes(length) + length);
  const start = writeHeader(whole, { at: 0, opcode: isText ? TEXT : BINARY, length });
  if (isText) whole.write(message, start);
  else message.copy(whole, start);
  return { bytes: whole.length, whole, writeTo: (target, at) => void whole.copy(target, at) };
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
  between(head: Buffer, tail: string): OutFrame {
    let rest = this.#rests.get(tail);
    if (rest === undefined) this.#rests.set(tail, (rest = Buffer.from(this.#text + tail)));
    return new SplicedFrame(head, rest);
  }
}

class SplicedFrame implements OutFrame {
  readonly whole = null;
  readonly bytes: number;
  readonly #head: Buffer;
  readonly #rest: Buffer;

  constructor(head: Buffer, rest: Buffer) {
    this.#head = head;
    this.#rest = rest;
    const length = head.length + rest.length;
    this.bytes = headerBytes(length) + length;
  }

  writeTo(target: Buffer, at: number): void {
    const start = writeHeader(target, { at, opcode: TEXT, length: this.#head.length + this.#rest.length });
    target.set(this.#head, start);
    target.set(this.#rest, start + this.#head.length);
  }
}

function headerBytes(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : MAX_HEADER_BYTES;
}

/** Writes the header of an unmasked frame (RFC 6455, section 5.2) and returns where it ends. */
function writeHeader(target: Buffer, { at, opcode, length }: { at: number; opcode: number; length: number }): number {
  target[at] = FIN | opcode;
  if (length < 126) target[at + 1] = length;
  else if (length < 65_536) {
    target[at + 1] = 126;
    target.writeUInt16BE(length, at + 2);
  } else {
    target[at + 1] = 127;
    target.writeBigUInt64BE(BigInt(length), at + 2);
  }
  return at + headerBytes(length);
}
