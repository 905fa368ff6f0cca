import { encodeBroadcast, encodePush } from '../codec/binaryFrames.ts';
import { CODECS } from '../codec/index.ts';
import { NULL, type Frame, type Vsn } from '../codec/message.ts';

/** One message on its way to many sockets. `null`: a socket of this version cannot be told. */
export type Broadcast = (vsn: Vsn) => Frame | null;

/** A text message without refs, as `broadcast`, `presence_diff` and `postgres_changes` are sent. */
export function textBroadcast(topicJson: string, event: string, payload: string): Broadcast {
  return (vsn) => CODECS[vsn].encode({ joinRef: NULL, ref: NULL, topicJson, event, payload });
}

/** What a user broadcast says; `payload` are its bytes, JSON text or not. */
export interface UserBroadcast {
  topic: string;
  event: Buffer;
  encoding: 'json' | 'binary';
  bytes: Buffer;
  /** Id of the row in `realtime.messages` it comes from. */
  id?: string;
}

/** A binary broadcast: a binary frame for version 2; for version 1 a text frame when it is JSON, nothing otherwise. */
export function userBroadcast({ topic, event, encoding, bytes, id }: UserBroadcast): Broadcast {
  const meta = id === undefined ? '' : JSON.stringify({ id });
  return (vsn) => {
    if (vsn === '2.0.0') return encodeBroadcast({ topic, event, meta, encoding, bytes });
    if (encoding === 'binary') return null;
    // Spliced unread, as the real server does: a version 1 peer may get what is not JSON.
    const payload = broadcastPayload({ event: event.toString(), payload: bytes.toString(), meta });
    return textBroadcast(JSON.stringify(topic), 'broadcast', payload)(vsn);
  };
}

/** A binary Phoenix push named `broadcast`; version 1 gets the words the real server puts in place of the bytes. */
export function pushBroadcast(topic: string, bytes: Buffer): Broadcast {
  return (vsn) =>
    vsn === '2.0.0'
      ? encodePush({ topic, event: 'broadcast', bytes })
      : textBroadcast(JSON.stringify(topic), 'broadcast', '%{error: "unable to parse response"}')(vsn);
}

/** The payload of a text broadcast; `payload` and `meta` are JSON text, `meta` may be empty. */
export function broadcastPayload({ event, payload, meta }: { event: string; payload: string; meta: string }): string {
  return `{"event":${JSON.stringify(event)},${meta === '' ? '' : `"meta":${meta},`}"payload":${payload},"type":"broadcast"}`;
}
