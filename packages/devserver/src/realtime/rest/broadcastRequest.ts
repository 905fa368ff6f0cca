import { sliceArray, sliceObject } from '../codec/jsonSlices.ts';
import { parseJson } from '../codec/parseJson.ts';

/** One message of `POST /api/broadcast`; `payload` is JSON text. */
export interface PostedMessage {
  topic: string;
  event: string;
  payload: string;
  isPrivate: boolean;
  id: string | null;
}

/** What a body says, or why it is refused: `not-json`, or the messages' errors as Ecto words them. */
export type PostedMessages = { ok: true; messages: PostedMessage[] } | { ok: false; errors: 'not-json' | { messages: unknown[] } };

type Errors = Record<string, string[]>;

const BLANK = "can't be blank";
const INVALID = 'is invalid';

/** Reads the body of `POST /api/broadcast`. Payloads stay text, so that their numbers keep their digits. */
export function readPostedMessages(body: string, { maxPayloadBytes }: { maxPayloadBytes: number }): PostedMessages {
  const value = parseJson(body);
  if (value === undefined) return { ok: false, errors: 'not-json' };
  const messages = typeof value === 'object' && value !== null && 'messages' in value ? value.messages : undefined;
  if (messages === undefined || messages === null || (Array.isArray(messages) && messages.length === 0)) return refused([BLANK]);
  if (!Array.isArray(messages)) return refused([INVALID]);
  const texts = sliceArray(sliceObject(body)?.get('messages') ?? '') ?? [];
  const read = texts.map((text) => readMessage(text, maxPayloadBytes));
  const errors = read.map(({ errors }) => errors);
  return errors.some((error) => Object.keys(error).length > 0) ? refused(errors) : { ok: true, messages: read.map(({ message }) => message) };
}

function refused(messages: unknown[]): PostedMessages {
  return { ok: false, errors: { messages } };
}

function readMessage(text: string, maxPayloadBytes: number): { message: PostedMessage; errors: Errors } {
  const members = sliceObject(text);
  const errors: Errors = {};
  const stringAt = (key: string): string => {
    const value = parseJson(members?.get(key) ?? 'null');
    if (value === null || value === '') errors[key] = [BLANK];
    else if (typeof value !== 'string') errors[key] = [INVALID];
    return typeof value === 'string' ? value : '';
  };
  const topic = stringAt('topic');
  const event = stringAt('event');
  const payload = members?.get('payload') ?? 'null';
  if (payload === 'null') errors.payload = [BLANK];
  else if (!payload.startsWith('{')) errors.payload = [INVALID];
  else if (Buffer.byteLength(payload) > maxPayloadBytes) errors.payload = ['Payload size exceeds tenant limit'];
  const id = parseJson(members?.get('id') ?? 'null');
  return { message: { topic, event, payload, isPrivate: members?.get('private') === 'true', id: typeof id === 'string' ? id : null }, errors };
}
