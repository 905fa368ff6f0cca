import { exactColumns } from './exactColumns.ts';

/** A message of the Realtime protocol, as supabase-js passes it around. */
export interface DecodedFrame {
  join_ref?: string | null;
  ref?: string | null;
  topic: string;
  event: string;
  payload: Record<string, unknown>;
}

const USER_BROADCAST = 4;
const JSON_ENCODING = 1;
const HEADER_BYTES = 5;

/**
 * A `decode` for supabase-js, better than its own in two ways:
 *
 * - int8 and numeric columns of changes arrive as the text that Postgres wrote, with all their digits; as bare JSON numbers
 *   they lose those past 2^53. Channels of this SDK make numbers of them again unless their definition names the column in
 *   `exact`; supabase-js's own channels get numbers as before.
 * - frames that cannot be read are skipped. Its own decoder throws, which on Node ends the process, and another client's
 *   broadcast can cause it.
 *
 * Reads both protocol versions.
 *
 * @example createClient(url, key, { realtime: { decode: decodeFrame } })
 */
export function decodeFrame(frame: unknown, callback: (message: DecodedFrame) => void): void {
  const message = parse(frame);
  if (message !== null) callback(message);
}

function parse(frame: unknown): DecodedFrame | null {
  try {
    if (typeof frame === 'string') return fromText(frame);
    return isArrayBuffer(frame) ? fromBytes(frame) : null;
  } catch {
    return null; // not JSON, or lengths that point beyond the end
  }
}

function fromText(frame: string): DecodedFrame | null {
  const message = fromJson(JSON.parse(frame));
  if (message?.event === 'postgres_changes') {
    hideFromChannels(message.payload);
    exactColumns(message.payload, frame, (quoted) => fromJson(JSON.parse(quoted))?.payload ?? {});
  }
  return message;
}

/** supabase-js takes what has `ids` for a change, and throws when it is none. Without them only the SDK looks at it. */
function hideFromChannels(payload: Record<string, unknown>): void {
  const { ids, data } = payload;
  if (!Array.isArray(ids) || !isObject(data) || typeof data['type'] !== 'string') delete payload['ids'];
}

function fromJson(json: unknown): DecodedFrame | null {
  if (Array.isArray(json)) return message(json[0], json[1], json[2], json[3], json[4]); // protocol 2.0.0
  if (!isObject(json)) return null;
  return message(undefined, json['ref'], json['topic'], json['event'], json['payload']); // 1.0.0
}

function message(joinRef: unknown, ref: unknown, topic: unknown, event: unknown, payload: unknown): DecodedFrame | null {
  if (typeof topic !== 'string' || typeof event !== 'string' || !isObject(payload)) return null;
  return { join_ref: textOrNull(joinRef), ref: textOrNull(ref), topic, event, payload };
}

/** A broadcast of protocol 2.0.0: `[4, topicLen, eventLen, metaLen, encoding]`, then topic, event, metadata and payload. */
function fromBytes(buffer: ArrayBuffer): DecodedFrame | null {
  const bytes = new Uint8Array(buffer);
  const [kind, topicBytes = 0, eventBytes = 0, metaBytes = 0, encoding] = bytes;
  if (kind !== USER_BROADCAST || bytes.length < HEADER_BYTES + topicBytes + eventBytes + metaBytes) return null;
  const decoder = new TextDecoder();
  let offset = HEADER_BYTES;
  const text = (length: number): string => decoder.decode(bytes.subarray(offset, (offset += length)));
  const topic = text(topicBytes);
  const event = text(eventBytes);
  const meta: unknown = metaBytes > 0 ? JSON.parse(text(metaBytes)) : undefined;
  const payload: unknown = encoding === JSON_ENCODING ? JSON.parse(text(bytes.length - offset)) : buffer.slice(offset);
  return { join_ref: null, ref: null, topic, event: 'broadcast', payload: { type: 'broadcast', event, payload, ...(meta !== undefined && { meta }) } };
}

/** By name, since the buffer may come from another realm. */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
