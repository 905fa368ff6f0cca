/** Protocol version of a socket: objects (`1.0.0`) or arrays and binary broadcast frames (`2.0.0`). */
export type Vsn = '1.0.0' | '2.0.0';

/** A frame as it goes to or comes from a socket: a string is a text frame, bytes are a binary one. */
export type Frame = string | Buffer;

/** The payload of an incoming message. */
export type Payload =
  /** JSON; `json` is its text as sent, because `JSON.parse` loses digits of int8 and numeric. */
  | { kind: 'json'; json: string; value: unknown }
  /** Bytes of a binary Phoenix push (frame kind 0). */
  | { kind: 'binary'; bytes: Buffer }
  /** A binary broadcast (frame kind 3): its own event name, passed on as the bytes it is, and content. */
  | { kind: 'broadcast'; event: Buffer; encoding: 'json' | 'binary'; bytes: Buffer };

/**
 * One message from a client. Refs and topic are kept as JSON text, since the server echoes them with their type
 * (`7`, `null`, `"7"`).
 */
export interface IncomingMessage {
  joinRef: string;
  ref: string;
  topicJson: string;
  /** The topic if it is a string; `null` otherwise, which no channel matches. */
  topic: string | null;
  /** The event if it is a string; `null` otherwise. */
  event: string | null;
  payload: Payload;
}

/** One message to a client; every field is JSON text. Version 1 leaves out `joinRef`. */
export interface OutgoingMessage {
  joinRef: string;
  ref: string;
  topicJson: string;
  event: string;
  payload: string;
}

/** How one protocol version reads and writes frames. */
export interface Codec {
  readonly vsn: Vsn;
  /** The message in a frame, or `null` when the frame has no readable message: such frames get no answer. */
  decode(frame: Frame): IncomingMessage | null;
  encode(message: OutgoingMessage): string;
}

/** The JSON text of `null`: an absent ref. */
export const NULL = 'null';
