/*
 * A client's side of the wire, written after the protocol and not after the server: text frames of both versions, and
 * the binary frames of version 2.
 */

/** Protocol version of a client's socket. */
export type Vsn = '1.0.0' | '2.0.0';

/** A received message of either version; `joinRef` is `null` in version 1. */
export interface Received {
  joinRef: unknown;
  ref: unknown;
  topic: string;
  event: string;
  /** What the frame says; of a binary frame a {@link BinaryPayload}, of one that is no JSON `{ unreadable: text }`. */
  payload: Record<string, unknown>;
}

/** What a binary frame from the server carries. */
export interface BinaryPayload {
  event: string;
  /** JSON text, or empty. */
  meta: string;
  /** `push` is a Phoenix push, the others are broadcasts. */
  content: 'push' | 'json' | 'bytes';
  bytes: Buffer;
}

/** A push of one client. */
export interface ClientPush {
  joinRef: string | null;
  ref: string;
  topic: string;
  event: string;
}

/** A text frame. */
export function textFrame(vsn: Vsn, { joinRef, ref, topic, event }: ClientPush, payload: unknown): string {
  return JSON.stringify(vsn === '2.0.0' ? [joinRef, ref, topic, event, payload] : { topic, event, payload, ref, join_ref: joinRef });
}

/** A binary Phoenix push: `[0, joinRefLen, refLen, topicLen, eventLen] joinRef ref topic event bytes`. */
export function pushFrame({ joinRef, ref, topic, event }: ClientPush, bytes: Buffer): Buffer {
  const fields = [joinRef ?? '', ref, topic, event].map((field) => Buffer.from(field));
  return Buffer.concat([Buffer.from([0, ...fields.map(({ length }) => length)]), ...fields, bytes]);
}

/** A binary broadcast: `[3, joinRefLen, refLen, topicLen, eventLen, metaLen, isJson] joinRef ref topic event meta bytes`. */
export function broadcastFrame({ joinRef, ref, topic, event }: ClientPush, { isJson, meta = '', bytes }: { isJson: boolean; meta?: string; bytes: Buffer }): Buffer {
  const fields = [joinRef ?? '', ref, topic, event, meta].map((field) => Buffer.from(field));
  return Buffer.concat([Buffer.from([3, ...fields.map(({ length }) => length), isJson ? 1 : 0]), ...fields, bytes]);
}

/** Reads a frame from the server. @throws Error when the protocol knows no such frame */
export function readFrame(frame: Buffer, { isBinary, vsn }: { isBinary: boolean; vsn: Vsn }): Received {
  if (isBinary) return readBinary(frame);
  const text = frame.toString();
  if (vsn === '1.0.0') return readObject(text);
  // True by the protocol: version 2 frames are arrays of five.
  const [joinRef, ref, topic, event, payload] = JSON.parse(text) as [unknown, unknown, string, string, Record<string, unknown>];
  return { joinRef, ref, topic, event, payload };
}

function readBinary(frame: Buffer): Received {
  const [kind, topicLength = 0, eventLength = 0, metaLength = 0, isJson] = frame;
  if (kind !== 2 && kind !== 4) throw new Error(`the server sent a binary frame of kind ${kind}`);
  const lengths = kind === 2 ? [topicLength, eventLength] : [topicLength, eventLength, metaLength];
  let at = kind === 2 ? 3 : 5;
  const [topic = '', event = '', meta = ''] = lengths.map((length) => frame.subarray(at, (at += length)).toString());
  const payload: BinaryPayload = { event, meta, content: kind === 2 ? 'push' : isJson === 1 ? 'json' : 'bytes', bytes: frame.subarray(at) };
  return { joinRef: null, ref: null, topic, event: 'broadcast', payload: { ...payload } };
}

/** Version 1. A broadcast that somebody sent in binary is spliced in unread, whether it is JSON or not. */
function readObject(text: string): Received {
  try {
    return { joinRef: null, ...(JSON.parse(text) as Omit<Received, 'joinRef'>) }; // true by the protocol
  } catch (error) {
    const [, topic, unreadable] = /^\{"ref":null,"event":"broadcast","topic":"([^"]*)","payload":(.*)\}$/s.exec(text) ?? [];
    if (topic === undefined) throw error;
    return { joinRef: null, ref: null, topic, event: 'broadcast', payload: { unreadable } };
  }
}
