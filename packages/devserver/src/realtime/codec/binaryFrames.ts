import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, Payload } from './message.ts';

/**
 * Binary frames of version 2.0.0. All lengths are one byte and count UTF-8 bytes.
 *
 * client → server
 * - push (0): `[0, joinRefLen, refLen, topicLen, eventLen] joinRef ref topic event bytes`
 * - broadcast (3): `[3, joinRefLen, refLen, topicLen, eventLen, metaLen, encoding] joinRef ref topic event meta payload`
 *
 * server → client
 * - push (2): `[2, topicLen, eventLen] topic event bytes`
 * - broadcast (4): `[4, topicLen, eventLen, metaLen, encoding] topic event meta payload`
 */
const KIND = { clientPush: 0, serverPush: 2, clientBroadcast: 3, serverBroadcast: 4 } as const;

const ENCODING_JSON = 1;
const MAX_FIELD_BYTES = 255;

/**
 * Reads a binary frame from a client; `null` for an unknown kind, a frame that ends before its fields do, or refs or a
 * topic that are not UTF-8. The name of a broadcast's event may be any bytes.
 */
export function decodeBinary(frame: Buffer): IncomingMessage | null {
  switch (frame[0]) {
    case KIND.clientPush: {
      const fields = readFields(frame, { first: 5, lengths: 4 });
      return fields && toMessage(fields, 'push');
    }
    case KIND.clientBroadcast: {
      const fields = readFields(frame, { first: 7, lengths: 5 });
      return fields && toMessage(fields, frame[6] === ENCODING_JSON ? 'json' : 'binary');
    }
    default:
      return null;
  }
}

/** A broadcast to clients; `event` and `meta` may be empty. */
export interface BroadcastFrame {
  topic: string;
  event: Buffer;
  /** JSON object, or empty. */
  meta: string;
  encoding: 'json' | 'binary';
  bytes: Buffer;
}

/** The bytes of a broadcast, or `null` when topic, event or metadata is longer than the 255 bytes a frame can say. */
export function encodeBroadcast({ topic, event, meta, encoding, bytes }: BroadcastFrame): Buffer | null {
  const flag = encoding === 'json' ? ENCODING_JSON : 0;
  return frameOf(KIND.serverBroadcast, [Buffer.from(topic), event, Buffer.from(meta)], [flag], bytes);
}

/** The bytes of a Phoenix push, or `null` when topic or event is longer than 255 bytes. */
export function encodePush({ topic, event, bytes }: { topic: string; event: string; bytes: Buffer }): Buffer | null {
  return frameOf(KIND.serverPush, [Buffer.from(topic), Buffer.from(event)], [], bytes);
}

function frameOf(kind: number, fields: Buffer[], flags: number[], bytes: Buffer): Buffer | null {
  if (fields.some((field) => field.length > MAX_FIELD_BYTES)) return null;
  return Buffer.concat([Buffer.from([kind, ...fields.map((field) => field.length), ...flags]), ...fields, bytes]);
}

interface Fields {
  fields: Buffer[];
  rest: Buffer;
}

function readFields(frame: Buffer, { first, lengths }: { first: number; lengths: number }): Fields | null {
  if (frame.length < first) return null;
  const fields: Buffer[] = [];
  let at = first;
  for (const length of frame.subarray(1, 1 + lengths)) {
    fields.push(frame.subarray(at, at + length));
    at += length;
  }
  return at <= frame.length ? { fields, rest: frame.subarray(at) } : null;
}

function toMessage({ fields, rest: bytes }: Fields, content: 'push' | 'json' | 'binary'): IncomingMessage | null {
  // True by the number of lengths read: a push has four fields, a broadcast five (its metadata is dropped).
  const [joinRef, ref, topic, event] = fields as [Buffer, Buffer, Buffer, Buffer];
  if (![joinRef, ref, topic].every(isUtf8)) return null;
  const payload: Payload = content === 'push' ? { kind: 'binary', bytes } : { kind: 'broadcast', event, encoding: content, bytes };
  return {
    joinRef: quoted(joinRef),
    ref: quoted(ref),
    topicJson: quoted(topic),
    topic: topic.toString(),
    event: content === 'push' ? event.toString() : 'broadcast',
    payload,
  };
}

function quoted(bytes: Buffer): string {
  return JSON.stringify(bytes.toString());
}
