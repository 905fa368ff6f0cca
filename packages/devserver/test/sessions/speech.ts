import { broadcastFrame, pushFrame, type BinaryPayload, type Received, type Vsn } from '../support/clientFrames.ts';
import type { SessionClient } from '../support/sessionClient.ts';

/** How a broadcast is sent: as text, or in binary as JSON, as bytes, as JSON that is none, or as a Phoenix push. */
export const FORMS = ['text', 'json', 'bytes', 'broken', 'push'] as const;
export type Form = (typeof FORMS)[number];

/** What `realtime.send` and `realtime.send_binary` take. */
export type DatabaseForm = 'json' | 'bytes';

/** What sockets of each version hear of a broadcast, as {@link heard} tells it; `null` for nothing. */
export type HeardAs = Readonly<Record<Vsn, string | null>>;

/** Names of events. */
export const EVENTS = ['said', 'é🎈'] as const;

/** Bytes that are neither JSON nor UTF-8, before the words. */
const NO_TEXT = Buffer.from([0xff, 0x00, 0xfe]);
/** What the real server puts in place of a push's bytes for version 1. */
const UNREADABLE_PUSH = 'unreadable %{error: "unable to parse response"}';

interface Words {
  event: string;
  words: string;
}

/** Sends a broadcast, and returns its ref. */
export function speak(client: SessionClient, push: { topic: string; joinRef: string | null }, form: Form, { event, words }: Words): string {
  const binary = (isJson: boolean, bytes: Buffer): string => client.pushBinary({ ...push, event }, (frame) => broadcastFrame(frame, { isJson, meta: '{"id":"of the client"}', bytes }));
  switch (form) {
    case 'text':
      return client.push(push.topic, 'broadcast', { type: 'broadcast', event, payload: { words } }, push.joinRef);
    case 'json':
      return binary(true, Buffer.from(JSON.stringify({ words })));
    case 'bytes':
      return binary(false, Buffer.concat([NO_TEXT, Buffer.from(words)]));
    case 'broken':
      return binary(true, Buffer.from(`{not json ${words}`));
    case 'push':
      return client.pushBinary({ ...push, event: 'broadcast' }, (frame) => pushFrame(frame, Buffer.from(words)));
  }
}

/** What others hear of a broadcast, by recording 06b. */
export function heardAs(form: Form, { event, words }: Words): HeardAs {
  switch (form) {
    case 'text':
      return { '1.0.0': `text ${event} ${words}`, '2.0.0': `text ${event} ${words}` };
    case 'json':
      return { '1.0.0': `text ${event} ${words}`, '2.0.0': `json ${event} ${words}` };
    case 'bytes':
      return { '1.0.0': null, '2.0.0': `bytes ${event} ${words}` };
    case 'broken':
      return { '1.0.0': `unreadable {"event":${JSON.stringify(event)},"payload":{not json ${words},"type":"broadcast"}`, '2.0.0': `json ${event} {not json ${words}` };
    case 'push':
      return { '1.0.0': UNREADABLE_PUSH, '2.0.0': `push broadcast ${words}` };
  }
}

/** What is heard of a broadcast of the database, by recording 07f: with the id of its row. */
export function heardFromDatabase(form: DatabaseForm, { event, words }: Words): HeardAs {
  return form === 'json' ? { '1.0.0': `text+id ${event} ${words}`, '2.0.0': `json+id ${event} ${words}` } : { '1.0.0': null, '2.0.0': `bytes+id ${event} ${words}` };
}

/** The statement that sends a broadcast from the database, and its parameters. */
export function statementOf(form: DatabaseForm, { event, words, topic, isPrivate }: Words & { topic: string; isPrivate: boolean }): [query: string, params: unknown[]] {
  return form === 'json'
    ? ['select realtime.send($1::jsonb, $2, $3, $4)', [JSON.stringify({ words }), event, topic, isPrivate]]
    : [`select realtime.send_binary(decode($1, 'hex'), $2, $3, $4)`, [Buffer.concat([NO_TEXT, Buffer.from(words)]).toString('hex'), event, topic, isPrivate]];
}

/** What a received broadcast says: how it came, the name of its event, and the words. */
export function heard({ payload }: Received): string {
  if ('unreadable' in payload) return `unreadable ${String(payload['unreadable'])}`;
  if ('bytes' in payload) return heardInBinary(payload as unknown as BinaryPayload); // true: that is what has bytes
  const { event, payload: said, meta } = payload as { event: string; payload: { words: string }; meta?: object }; // true: the tests send nothing else
  return `text${meta === undefined ? '' : '+id'} ${event} ${said.words}`;
}

/** Whether broadcasts of this sound can be told apart. */
export function isDistinct(sound: string): boolean {
  return sound !== UNREADABLE_PUSH;
}

/** The sender's number in what was heard, if the sender is this one. */
export function numberOf(sound: string, sender: string): number | null {
  const [, number] = new RegExp(`${sender} (\\d+)`).exec(sound) ?? [];
  return number === undefined ? null : Number(number);
}

function heardInBinary({ content, event, meta, bytes }: BinaryPayload): string {
  const how = `${content}${meta === '' ? '' : '+id'}`;
  if (content === 'bytes') {
    const isWhole = bytes.subarray(0, NO_TEXT.length).equals(NO_TEXT);
    return `${how} ${event} ${isWhole ? bytes.subarray(NO_TEXT.length).toString() : bytes.toString('hex')}`;
  }
  const text = bytes.toString();
  const [, words = text] = /"words": ?"([^"]*)"/.exec(text) ?? [];
  return `${how} ${event} ${words}`;
}
