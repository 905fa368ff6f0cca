import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBroadcast } from './binaryFrames.ts';
import { codecFor } from './index.ts';
import { codecV1 } from './codecV1.ts';
import { codecV2 } from './codecV2.ts';

const ref = fc.oneof(fc.string(), fc.integer(), fc.constant(null)).map((value) => JSON.stringify(value));
const field = fc.string({ unit: 'grapheme', maxLength: 40 });

function binary(kind: number, texts: (string | Buffer)[], flags: number[], payload: Buffer): Buffer {
  const fields = texts.map((text) => Buffer.from(text));
  return Buffer.concat([Buffer.from([kind, ...fields.map((bytes) => bytes.length), ...flags]), ...fields, payload]);
}

describe('text frames', () => {
  it('keep refs, topic, event and payload in both versions', () => {
    fc.assert(
      fc.property(ref, ref, field, field, fc.json(), (joinRef, messageRef, topic, event, payload) => {
        const v1 = codecV1.decode(`{"topic":${JSON.stringify(topic)},"event":${JSON.stringify(event)},"payload":${payload},"ref":${messageRef},"join_ref":${joinRef}}`);
        const v2 = codecV2.decode(`[${joinRef},${messageRef},${JSON.stringify(topic)},${JSON.stringify(event)},${payload}]`);
        expect(v1).toEqual(v2);
        expect(v2).toMatchObject({ joinRef, ref: messageRef, topic, event, payload: { kind: 'json', value: JSON.parse(payload) as unknown } });
      }),
    );
  });

  it('of a version 2 answer decode to what was encoded', () => {
    fc.assert(
      fc.property(ref, ref, field, fc.json(), (joinRef, messageRef, topic, payload) => {
        const frame = codecV2.encode({ joinRef, ref: messageRef, topicJson: JSON.stringify(topic), event: 'phx_reply', payload });
        expect(JSON.parse(frame)).toEqual([joinRef, messageRef, JSON.stringify(topic), '"phx_reply"', payload].map((text) => JSON.parse(text) as unknown));
      }),
    );
  });

  it('keep the digits of a payload', () => {
    const payload = '{"id":9007199254740993,"n":1.0}';
    expect(codecV2.decode(`[null,"1","t","e",${payload}]`)?.payload).toMatchObject({ json: payload });
    expect(codecV1.decode(`{"payload":${payload},"topic":"t","event":"e","ref":"1"}`)?.payload).toMatchObject({ json: payload });
  });

  it('never carry a join_ref in version 1', () => {
    expect(codecV1.encode({ joinRef: '"1"', ref: '"2"', topicJson: '"t"', event: 'phx_reply', payload: '{}' })).toBe('{"ref":"2","event":"phx_reply","topic":"t","payload":{}}');
  });
});

describe('X3: what cannot be read', () => {
  it('is null for any text and any bytes, and never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => [codecV1, codecV2].every((codec) => codec.decode(`${text}~`) === null)));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => codecV2.decode(Buffer.from([9, ...bytes])) === null));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        codecV2.decode(Buffer.from(bytes));
        return codecV1.decode(Buffer.from(bytes)) === null;
      }),
    );
  });

  it.each(['{}', '[]', 'null', '[1,2]', '{"topic":"t","event":"e","payload":{}}', '[null,"1","t","e",{},"extra"]', '[null,"1","t","e"]'])('includes %s', (text) => {
    expect([codecV1.decode(text), codecV2.decode(text)]).toEqual([null, null]);
  });

  it('includes a binary frame that ends before its fields do, and a topic that is not UTF-8', () => {
    expect(codecV2.decode(Buffer.from([3, 1, 1, 200, 1, 0, 1, 0x31]))).toBeNull();
    expect(codecV2.decode(binary(3, ['1', '2', Buffer.from([0xfc]), 'e', ''], [1], Buffer.from('{}')))).toBeNull();
  });
});

describe('binary frames', () => {
  it('of a client give its broadcast, with lengths in bytes', () => {
    fc.assert(
      fc.property(field, field, fc.uint8Array(), fc.boolean(), (topic, event, payload, isJson) => {
        const decoded = codecV2.decode(binary(3, ['1', '2', topic, event, '{"dropped":1}'], [isJson ? 1 : 0], Buffer.from(payload)));
        const bytes = Buffer.from(payload);
        expect(decoded).toMatchObject({ joinRef: '"1"', ref: '"2"', topic, event: 'broadcast', payload: { kind: 'broadcast', event: Buffer.from(event), encoding: isJson ? 'json' : 'binary', bytes } });
      }),
    );
  });

  it('of a Phoenix push give its bytes', () => {
    expect(codecV2.decode(binary(0, ['1', '2', 't', 'broadcast'], [], Buffer.from([1, 2])))).toMatchObject({ event: 'broadcast', payload: { kind: 'binary', bytes: Buffer.from([1, 2]) } });
  });

  it('are not made for a topic of more than 255 bytes', () => {
    const broadcast = { event: Buffer.from('e'), meta: '', encoding: 'json' as const, bytes: Buffer.from('{}') };
    expect(encodeBroadcast({ topic: 'é'.repeat(127), ...broadcast })).toHaveLength(5 + 254 + 1 + 2);
    expect(encodeBroadcast({ topic: 'é'.repeat(128), ...broadcast })).toBeNull();
  });
});

it('codecFor knows 1.0.0, 2.0.0 and nothing else', () => {
  expect([null, '1.0.0', '2.0.0', '1.9.0', '', 'abc'].map((vsn) => codecFor(vsn)?.vsn ?? null)).toEqual(['1.0.0', '1.0.0', '2.0.0', null, null, null]);
});
