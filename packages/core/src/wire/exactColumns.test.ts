import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFrame } from './decodeFrame.ts';
import { quoteNumbers } from './exactColumns.ts';

/** The data of a `postgres_changes` frame, decoded. */
function decodeData(data: string, v1 = false): Record<string, unknown> {
  let decoded: unknown;
  const payload = `{"ids":[12345678901234567890],"data":${data}}`;
  decodeFrame(v1 ? `{"ref":null,"topic":"t","event":"postgres_changes","payload":${payload}}` : `[null,null,"t","postgres_changes",${payload}]`, (message) => {
    decoded = message.payload['data'];
  });
  return decoded as Record<string, unknown>; // data is an object in all of these
}

const columns = JSON.stringify(Object.entries({ id: 'int8', price: 'numeric', ids: '_int8', prices: '_numeric', ratio: 'float8', doc: 'jsonb', note: 'text', count: 'int4' }).map(([name, type]) => ({ name, type })));

test('R8: int8 and numeric columns arrive as the server wrote them, in both protocol versions; nothing else changes', () => {
  const row = '{"id": 9007199254740993, "price": 12.50, "ids": [1, null, 9223372036854775807], "prices": [[0.10], [-1.00]], "ratio": 0.1, "doc": {"n": 12345678901234567890, "m": 5.00}, "note": "n: 12345678901234567890, \\"7\\\\", "count": 7}';
  for (const v1 of [false, true]) {
    const { record, old_record: old } = decodeData(`{"type":"UPDATE","record":${row},"old_record":{"id": -9223372036854775808},"columns":${columns}}`, v1);
    expect(record).toEqual({ id: '9007199254740993', price: '12.50', ids: ['1', null, '9223372036854775807'], prices: [['0.10'], ['-1.00']], ratio: 0.1, doc: { n: 12345678901234567000, m: 5 }, note: 'n: 12345678901234567890, "7\\', count: 7 });
    expect(old).toEqual({ id: '-9223372036854775808' });
  }
});

test('R8: null stays null, and rows without such columns are left alone', () => {
  expect(decodeData(`{"type":"INSERT","record":{"id": 5, "price": null},"columns":${columns}}`)['record']).toEqual({ id: '5', price: null });
  expect(decodeData('{"type":"INSERT","record":{"n": 1},"columns":[{"name":"n","type":"int4"}]}')['record']).toEqual({ n: 1 });
});

test('R8: quoting the numbers of a JSON text changes its numbers and nothing else', () => {
  const quotedByModel = (value: unknown): unknown => {
    if (typeof value === 'number') return JSON.stringify(value);
    if (Array.isArray(value)) return value.map(quotedByModel);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, quotedByModel(member)]));
  };
  const text = fc.oneof(fc.string({ unit: fc.constantFrom('"', '\\', '7', '-', 'e', '.', ':', '{', '\n', 'ا') }), fc.string({ unit: 'binary' }));
  const value = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, fc.double(), fc.integer(), fc.boolean(), fc.constant(null), text, fc.array(tie('value')), fc.dictionary(text.filter((name) => name !== '__proto__'), tie('value'))),
  })).value;
  fc.assert(fc.property(value, fc.constantFrom(undefined, 1), (json, indent) => {
    const plain: unknown = JSON.parse(JSON.stringify(json));
    expect(JSON.parse(quoteNumbers(JSON.stringify(json, null, indent)))).toEqual(quotedByModel(plain));
  }), { numRuns: 1_000 });
});

test('V1: a change with hostile columns is decoded or skipped, never thrown', () => {
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom('int8', 'numeric', '__proto__', 'record'));
  const data = fc.record({ columns: fc.oneof(odd, fc.array(fc.oneof(odd, fc.record({ name: odd, type: odd })))), record: odd, old_record: fc.oneof(odd, fc.dictionary(fc.constantFrom('int8', '__proto__', 'record'), odd)) });
  fc.assert(fc.property(data, (one) => {
    decodeData(JSON.stringify(one));
  }), { numRuns: 1_000 });
});
