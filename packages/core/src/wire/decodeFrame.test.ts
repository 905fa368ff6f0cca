import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFrame, type DecodedFrame } from './decodeFrame.ts';

function decode(frame: unknown): DecodedFrame | null {
  let decoded: DecodedFrame | null = null;
  decodeFrame(frame, (message) => {
    decoded = message;
  });
  return decoded;
}

/** A broadcast as the server sends it. */
function broadcast({ topic, event, payload, meta = '', encoding = 1 }: { topic: string; event: string; payload: string; meta?: string; encoding?: number }): ArrayBuffer {
  const parts = [topic, event, meta, payload].map((part) => new TextEncoder().encode(part));
  return Uint8Array.from([4, ...parts.slice(0, 3).map(({ length }) => length), encoding, ...parts.flatMap((part) => [...part])]).buffer;
}

test('frames of both protocol versions are read', () => {
  expect(decode('["1","2","realtime:a","phx_reply",{"status":"ok"}]')).toEqual({ join_ref: '1', ref: '2', topic: 'realtime:a', event: 'phx_reply', payload: { status: 'ok' } });
  expect(decode('{"ref":null,"topic":"realtime:a","event":"system","payload":{}}')).toEqual({ join_ref: null, ref: null, topic: 'realtime:a', event: 'system', payload: {} });
  expect(decode(broadcast({ topic: 'realtime:غرفة', event: 'كتابة', meta: '{"id":"x"}', payload: '{"n":1}' }))).toEqual({
    join_ref: null, ref: null, topic: 'realtime:غرفة', event: 'broadcast', payload: { type: 'broadcast', event: 'كتابة', payload: { n: 1 }, meta: { id: 'x' } },
  });
});

test('V1: what cannot be read is skipped', () => {
  for (const frame of ['{not json', '[]', 'null', '[null,null,"t","e",null]', '[null,null,"t","e",[]]', broadcast({ topic: 't', event: 'e', payload: '{not json' }), new ArrayBuffer(0), undefined]) {
    expect(decode(frame)).toBeNull();
  }
});

test('V1: no text and no bytes throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array().map((bytes) => Uint8Array.from([4, ...bytes]).buffer)), (frame) => {
    decode(frame);
  }), { numRuns: 2_000 });
});
