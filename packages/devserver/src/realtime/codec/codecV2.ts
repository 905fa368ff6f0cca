import { decodeBinary } from './binaryFrames.ts';
import { sliceArray } from './jsonSlices.ts';
import type { Codec, IncomingMessage } from './message.ts';
import { parseJson } from './parseJson.ts';

/** Version 2.0.0: `[join_ref, ref, topic, event, payload]`, and binary frames for broadcasts. */
export const codecV2: Codec = {
  vsn: '2.0.0',

  decode(frame) {
    return typeof frame === 'string' ? decodeText(frame) : decodeBinary(frame);
  },

  encode({ joinRef, ref, topicJson, event, payload }) {
    return `[${joinRef},${ref},${topicJson},"${event}",${payload}]`;
  },
};

function decodeText(frame: string): IncomingMessage | null {
  const value = parseJson(frame);
  if (!Array.isArray(value) || value.length !== 5) return null;
  const elements: readonly unknown[] = value;
  const [joinRef, ref, topicJson, , json] = sliceArray(frame) ?? [];
  if (joinRef === undefined || ref === undefined || topicJson === undefined || json === undefined) return null;
  return {
    joinRef,
    ref,
    topicJson,
    topic: typeof elements[2] === 'string' ? elements[2] : null,
    event: typeof elements[3] === 'string' ? elements[3] : null,
    payload: { kind: 'json', json, value: elements[4] },
  };
}
