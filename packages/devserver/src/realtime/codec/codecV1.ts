import { sliceObject } from './jsonSlices.ts';
import { NULL, type Codec } from './message.ts';
import { parseJson } from './parseJson.ts';

/** Version 1.0.0: `{"topic","event","payload","ref","join_ref"?}`; the server never sends `join_ref`. */
export const codecV1: Codec = {
  vsn: '1.0.0',

  decode(frame) {
    if (typeof frame !== 'string') return null;
    const value = parseJson(frame);
    if (typeof value !== 'object' || value === null) return null;
    const members = sliceObject(frame);
    const [topicJson, event, json, ref] = ['topic', 'event', 'payload', 'ref'].map((key) => members?.get(key));
    if (topicJson === undefined || event === undefined || json === undefined || ref === undefined) return null;
    return {
      joinRef: members?.get('join_ref') ?? NULL,
      ref,
      topicJson,
      topic: stringOrNull('topic' in value ? value.topic : null),
      event: stringOrNull('event' in value ? value.event : null),
      payload: { kind: 'json', json, value: 'payload' in value ? value.payload : null },
    };
  },

  encode({ ref, topicJson, event, payload }) {
    return `{"ref":${ref},"event":"${event}","topic":${topicJson},"payload":${payload}}`;
  },
};

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
