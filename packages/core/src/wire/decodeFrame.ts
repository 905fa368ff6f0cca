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
 * A `decode` for supabase-js that skips frames it cannot read, where its own throws: on Node such an exception ends the
 * process, and another client's broadcast can cause it. Reads both protocol versions.
 *
 * @example createClient(url, key, { realtime: { decode: decodeFrame } })
 */
export function decodeFrame(frame: unknown, callback: (message: DecodedFrame) => void): void {
  const message = parse(frame);
  if (message !== null) callback(message);
}

function parse(frame: unknown): DecodedFrame | null {
  try {
    if (typeof frame === 'string') return fromText(JSON.parse(frame));
    return isArrayBuffer(frame) ? fromBytes(frame) : null;
  } catch {
    return null; // not JSON, or lengths that point beyond the end
  }
}

function fromText(json: unknown): DecodedFrame | null {
  const [joinRef, ref, topic, event, payload] = Array.isArray(json)
    ? (json as unknown[]) // protocol 2.0.0
    : [undefined, ...['ref', 'topic', 'event', 'payload'].map((name) => (json as Record<string, unknown> | null)?.[name])]; // 1.0.0
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
