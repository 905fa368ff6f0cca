import { parseExact, type Exact } from './exactJson.ts';
import { cutFrame } from './truncated.ts';

/** Something a socket received, ready to be compared. */
export interface Received {
  /** Topic, or what stands for one: frames of different topics come in any order. */
  lane: string;
  /** Protocol event, e.g. `phx_reply`; `close` for the end of the socket. */
  event: string;
  /** All of it: `[joinRef, ref, topic, event, payload]` in both versions, without `joinRef` in version 1. */
  content: Exact;
  /** As it came, for people. */
  raw: string;
  /** Whether only the beginning is known. */
  cut: boolean;
  /** When it came, in milliseconds of the recording; unknown for a replay's own. */
  t?: number;
  /** Whether it may be missing for a reason of its own, see `tolerance.ts`. */
  mayBeMissing?: boolean;
}

/** Lane of what concerns the socket and not a topic. */
const SOCKET_LANE = '(socket)';

/** Reads a text frame of either version. What is not JSON is compared as text. */
export function textFrame(raw: string): Received {
  const cut = cutFrame(raw);
  const content = parseExact(cut?.head ?? raw);
  const { topic, event } = fieldsOf(content);
  if (content === undefined) return { lane: SOCKET_LANE, event: 'unreadable', content: raw, raw, cut: false };
  return { lane: topic, event, content, raw, cut: cut !== null };
}

/** Reads a binary frame from the server: a broadcast (kind 4) or a push (kind 2). */
export function binaryFrame(bytes: Buffer): Received {
  const lengths = bytes[0] === 4 ? [...bytes.subarray(1, 4)] : [...bytes.subarray(1, 3)];
  let at = bytes[0] === 4 ? 5 : 3;
  const fields = lengths.map((length) => bytes.toString('latin1', at, (at += length)));
  const topic = Buffer.from(fields[0] ?? '', 'latin1').toString();
  const rest = bytes.subarray(at);
  const isJson = bytes[0] === 4 && bytes[4] === 1;
  const payload = (isJson ? parseExact(rest.toString()) : undefined) ?? rest.toString('latin1');
  const meta = fields[2] === undefined ? null : (parseExact(fields[2]) ?? fields[2]);
  const content: Exact = [`kind ${bytes[0]} encoding ${isJson ? 'json' : 'raw'}`, ...fields.slice(0, 2), meta, payload];
  return { lane: topic, event: 'broadcast', content, raw: `binary ${JSON.stringify(bytes.toString('latin1'))}`, cut: false };
}

/** The end of a socket with its close code. */
export function closeFrame(code: number): Received {
  return { lane: SOCKET_LANE, event: 'close', content: `close ${code}`, raw: `close ${code}`, cut: false };
}

/** An HTTP answer: to a refused handshake, or to a request. */
export function httpFrame(status: number, body: string): Received {
  const content: Exact = [`http ${status}`, parseExact(body) ?? body];
  return { lane: SOCKET_LANE, event: 'http', content, raw: `http ${status} ${body}`, cut: false };
}

/** A field of a frame of either version. */
export function fieldsOf(content: Exact | undefined): { topic: string; event: string; ref: Exact; joinRef: Exact; payload: Exact } {
  const [joinRef, ref, topic, event, payload] = Array.isArray(content)
    ? content
    : ['join_ref', 'ref', 'topic', 'event', 'payload'].map((key) => (content instanceof Map ? content.get(key) : undefined));
  return {
    topic: typeof topic === 'string' ? topic : SOCKET_LANE,
    event: typeof event === 'string' ? event : 'unreadable',
    ref: ref ?? null,
    joinRef: joinRef ?? null,
    payload: payload ?? null,
  };
}
