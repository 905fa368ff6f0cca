import { describe, expect, it } from 'vitest';
import { compareLane } from '../conformance/compare.ts';
import { parseExact, Digits } from '../conformance/exactJson.ts';
import { binaryFrame, textFrame } from '../conformance/frames.ts';
import type { Recording } from '../conformance/recording.ts';
import { restoreBody, restoreFrame } from '../conformance/truncated.ts';
import { VolatileComparison } from '../conformance/volatile.ts';

const OWNER = '11111111-1111-1111-1111-111111111111';

/** Differences of two sequences on one topic, as `what` per frame. */
function differences(recorded: string[], actual: string[], { racing = false, verdictsRepeat = false } = {}): string[] {
  const recording: Recording = { name: 'test', lines: [], unrecorded: {}, startMs: Date.parse('2026-11-22T14:00:00Z'), sent: `insert … '${OWNER}'`, sql: 'insert into t values (7)' };
  const lane = { where: 'a realtime:t', recorded: recorded.map(textFrame), actual: actual.map(textFrame), racing, verdictsRepeat };
  return compareLane(lane, new VolatileComparison(recording)).map(({ what }) => what);
}

const frame = (event: string, payload: unknown, ref: unknown = null) => JSON.stringify([null, ref, 'realtime:t', event, payload]);
const joinReply = (id: number) => frame('phx_reply', { status: 'ok', response: { postgres_changes: [{ id, event: '*' }] } }, '1');
const change = (ids: number[], record: string) => `[null,null,"realtime:t","postgres_changes",{"ids":[${ids.join(',')}],"data":{"record":${record}}}]`;
const diff = (key: string, ref: string) => frame('presence_diff', { joins: { [key]: { metas: [{ phx_ref: ref }] } }, leaves: {} });
const ok = (ref: string) => frame('phx_reply', { status: 'ok', response: {} }, ref);

describe('a replay holds', () => {
  it('with other binding ids, as long as each recorded one meets the same new one', () => {
    expect(differences([joinReply(68883293), change([68883293], '{}')], [joinReply(42), change([42], '{}')])).toEqual([]);
    expect(differences([joinReply(68883293), change([68883293], '{}')], [joinReply(42), change([43], '{}')])).toEqual(['missing', 'unexpected']);
  });

  it('with other refs, UUIDs and times of the recording', () => {
    const recorded = frame('x', { phx_ref: 'GOpi_kbR', id: '336e708e-847b-4e5a-8faf-49a59ae6b96c', at: '2026-11-22T13:55:12.884892+00:00' });
    const actual = frame('x', { phx_ref: 'other', id: '06f0a264-36fa-4a98-a570-27d580452085', at: '2027-01-01T00:00:00+00:00' });
    expect(differences([recorded], [actual])).toEqual([]);
  });

  it('with the order of keys, of a presence diff and the reply beside it, and of diffs about different keys', () => {
    expect(differences(['[null,null,"realtime:t","e",{"a":1,"b":2}]'], ['[null,null,"realtime:t","e",{"b": 2, "a": 1}]'])).toEqual([]);
    expect(differences([diff('a', 'x'), ok('2'), diff('b', 'y')], [ok('2'), diff('b', 'v'), diff('a', 'w')])).toEqual([]);
  });

  it('with the metas of one key, and members who came to it at once, in another order', () => {
    const state = (...devices: string[]) => frame('presence_state', { me: { metas: devices.map((n) => ({ phx_ref: `ref of ${n}`, n })) } });
    expect(differences([state('phone', 'laptop')], [state('laptop', 'phone')])).toEqual([]);
    expect(differences([state('phone', 'laptop')], [state('laptop', 'laptop')])).toEqual(['missing', 'unexpected']);
    const came = (n: string) => frame('presence_diff', { joins: { me: { metas: [{ phx_ref: n, n }] } }, leaves: {} });
    const went = (n: string) => frame('presence_diff', { joins: {}, leaves: { me: { metas: [{ phx_ref: n, n }] } } });
    expect(differences([came('phone'), came('laptop')], [came('laptop'), came('phone')])).toEqual([]);
    expect(differences([came('phone'), went('phone')], [went('phone'), came('phone')])).toContain('out of order');
  });

  it('with or without word of those who leave at the same moment', () => {
    const end = [ok('3'), frame('phx_close', {}, '1')];
    const left = frame('presence_diff', { joins: {}, leaves: { b: { metas: [{ phx_ref: 'x' }] } } });
    expect(differences(end, [left, ...end])).toEqual([]);
    expect(differences([ok('3'), left, frame('phx_close', {}, '1')], end)).toEqual([]);
    expect(differences([left, change([], '{}'), ...end], [change([], '{}'), ...end])).toEqual(['missing']);
  });

  it('without the reply to a leave that a join overtook', () => {
    const close = frame('phx_close', {}, '19');
    expect(differences([joinReply(5_000_000), close], [ok('20'), close, joinReply(6_000_000)], { racing: true })).toEqual([]);
    expect(differences([joinReply(5_000_000), close], [ok('20'), close, joinReply(6_000_000)])).toContain('unexpected');
  });
});

describe('a replay does not hold', () => {
  it('when a digit is lost', () => {
    expect(differences([change([], '{"n":9007199254740993}')], [change([], '{"n":9007199254740992}')])).toEqual(['missing', 'unexpected']);
  });

  it('when a value that went out is another', () => {
    expect(differences([frame('x', { owner: OWNER })], [frame('x', { owner: '22222222-2222-2222-2222-222222222222' })])).toEqual(['missing', 'unexpected']);
    expect(differences([change([], '{"id":7}')], [change([], '{"id":8}')])).toEqual(['missing', 'unexpected']);
  });

  it('when a time of another day is another', () => {
    expect(differences([frame('x', { tz: '2024-05-06T05:08:09.123456+00:00' })], [frame('x', { tz: '2024-05-06T05:08:09.123457+00:00' })])).toEqual(['missing', 'unexpected']);
  });

  it('when a frame is missing, one too many, or overtaken', () => {
    expect(differences([ok('1'), ok('2')], [ok('2')])).toEqual(['missing']);
    expect(differences([ok('1')], [ok('1'), ok('2')])).toEqual(['unexpected']);
    expect(differences([ok('1'), ok('2')], [ok('2'), ok('1')])).toEqual(['out of order']);
    expect(differences([joinReply(5_000_000), diff('a', 'x')], [diff('a', 'x'), joinReply(5_000_000)])).toEqual(['out of order']);
  });

  it('when an object has a key more or an array is longer', () => {
    expect(differences([frame('x', { a: 1 })], [frame('x', { a: 1, b: 2 })])).toEqual(['missing', 'unexpected']);
    expect(differences([frame('x', [1])], [frame('x', [1, 2])])).toEqual(['missing', 'unexpected']);
  });
});

it('a frame the recorder cut is made whole, with the refs that end a version 1 frame', () => {
  const whole = `{"topic":"realtime:s","event":"broadcast","payload":{"x":"${'y'.repeat(90)}"},"ref":"3","join_ref":"1"}`;
  const cut = `${whole.slice(0, 70)}…<truncated by recorder, ${whole.length} chars>`;
  expect(restoreFrame(cut, { ref: '3', joinRef: '1' })).toBe(whole);
  const array = `[null,"1","phoenix","heartbeat",{"x":"${'y'.repeat(90)}"}]`;
  expect(restoreFrame(`${array.slice(0, 50)}…<truncated by recorder, ${array.length} chars>`, { ref: '', joinRef: '' })).toBe(array);
  expect(restoreBody('{"x":"yy…<truncated, 4 chars>"}')).toBe('{"x":"yyyyyy"}');
});

it('exact JSON keeps digits, escapes and nesting', () => {
  expect(parseExact('{"a": [1.10, -2e3, "\\"\\u00e9\\\\", null, true, {}], "b": []}')).toEqual(
    new Map<string, unknown>([['a', [new Digits('1.10'), new Digits('-2e3'), '"é\\', null, true, new Map()]], ['b', []]]),
  );
  expect(parseExact('{not json')).toBeUndefined();
});

it('a binary broadcast is compared by its topic, event, metadata and payload', () => {
  const bytes = Buffer.concat([Buffer.from([4, 10, 1, 0, 1]), Buffer.from('realtime:te{"a": 1}')]);
  expect(binaryFrame(bytes)).toMatchObject({ lane: 'realtime:t', event: 'broadcast', content: ['kind 4 encoding json', 'realtime:t', 'e', '', new Map([['a', new Digits('1')]])] });
});
