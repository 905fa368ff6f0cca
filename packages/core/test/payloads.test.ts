import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { afterEach, expect, test } from 'vitest';
import { defineChannel, type Change, type ChannelState, type InvalidPayload, type PresenceMap } from '../src/index.ts';
import { deepRuns } from './support/deep.ts';
import { openMemorySocket, type MemorySocket, type MemorySocketOptions } from './support/memorySocket.ts';
import { until } from './support/until.ts';

/** Frames of the real server, each with the recording it is from. */
interface Recorded {
  readonly name: string;
  readonly frame?: string;
  readonly base64?: string;
}
const recordings = JSON.parse(readFileSync(new URL('./fixtures/recordedFrames.json', import.meta.url), 'utf8')) as Recorded[];

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const anyRow = z.looseObject({ id: z.number() });
/** Takes whatever the recordings hold. */
const definitionFor = (topic: string) =>
  defineChannel({
    name: topic,
    topic,
    tables: { todos: { row: anyRow }, types_default: { row: anyRow, exact: ['i8', 'n'] }, types_full: { row: anyRow, exact: ['i8', 'n'] }, nopk: { row: anyRow } },
    broadcasts: { shout: z.looseObject({}), rp: z.looseObject({}), evt: z.looseObject({}) },
    presence: z.looseObject({ name: z.string() }),
  });

/** A live channel and all that comes out of it. */
async function listen(topic: string, options: MemorySocketOptions = {}) {
  const socket = openMemorySocket({ user: { id: 'me' }, ...options });
  closers.push(() => socket.realtime.dispose());
  const definition = definitionFor(topic);
  const channel = socket.realtime.channel(definition);
  const heard: { changes: Change<unknown>[]; broadcasts: unknown[]; presence: PresenceMap<{ name: string }>[]; invalid: InvalidPayload[]; states: ChannelState[] } = { changes: [], broadcasts: [], presence: [], invalid: [], states: [] };
  for (const table of ['todos', 'types_default', 'types_full', 'nopk'] as const) channel.changes$(table).subscribe((change) => heard.changes.push(change));
  for (const event of ['shout', 'rp', 'evt'] as const) channel.broadcast$(event).subscribe((message) => heard.broadcasts.push(message));
  channel.presence$.subscribe((people) => heard.presence.push(people));
  channel.invalid$.subscribe((invalid) => heard.invalid.push(invalid));
  channel.status$.subscribe((state) => heard.states.push(state));
  await (options.confirms === false ? joined(socket, topic) : until(channel.store, ({ status }) => status === 'live', 'live'));
  return { socket, channel, heard };
}

async function joined(socket: MemorySocket, topic: string): Promise<void> {
  while (socket.joinRef(topic) === '') await Promise.resolve();
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** Plays a recorded frame to a channel of its topic. */
async function play(name: string, options: MemorySocketOptions = {}) {
  const recorded = recordings.find((one) => one.name === name);
  if (recorded === undefined) throw new Error(`no recording of ${name}`);
  if (recorded.base64 !== undefined) {
    const bytes = Uint8Array.from(Buffer.from(recorded.base64, 'base64'));
    const session = await listen(Buffer.from(bytes.slice(5, 5 + (bytes[1] ?? 0))).toString().replace('realtime:', ''), options);
    session.socket.feed(bytes.buffer);
    return session;
  }
  const frame = recorded.frame ?? '';
  const session = await listen(/"realtime:([^"]+)"/.exec(frame)?.[1] ?? '', options);
  session.socket.feed(frame.replace(/^\["\d+"/, `["${session.socket.joinRef(session.channel.topic)}"`));
  return session;
}

test('V2: recorded inserts, updates and deletes are told apart by type, in both protocol versions', async () => {
  const [inserted] = (await play('an insert with many types')).heard.changes;
  expect(inserted).toMatchObject({ type: 'INSERT', table: 'types_default', key: '1', commitTimestamp: '2026-11-22T13:58:08.706Z', row: { i8: '9007199254740993', n: '12345678901234567890.1234567890', f8: 0.1, jb: { a: [1, null, 'x'], b: 1 }, nul: null } });
  const [old] = (await play('a change in protocol 1.0.0')).heard.changes;
  expect(old).toMatchObject({ type: 'INSERT', table: 'types_default', key: '1', row: { i8: '9007199254740993', n: '12345678901234567890.1234567890' } });
  const [updated] = (await play('an update with the whole old row')).heard.changes;
  expect(updated).toMatchObject({ type: 'UPDATE', key: '1', row: { t: 'changed' }, old: { id: 1, i8: '9007199254740993', n: '12345678901234567890.1234567890' } });
  const [part] = (await play('a selection of columns')).heard.changes;
  expect(part).toMatchObject({ type: 'UPDATE', key: '1', row: { id: 1, title: 'one' } });
});

test('V2: a recorded delete is judged by its key, whatever else it carries or lacks', async () => {
  for (const [name, old] of [['a delete with the key alone', { id: 1 }], ['a delete with the whole old row', { id: 1, n: '12345678901234567890.1234567890' }], ['a delete that is too large', { id: 2 }]] as const) {
    const { heard } = await play(name);
    expect([heard.changes.length, heard.invalid]).toEqual([1, []]);
    expect(heard.changes[0]).toMatchObject({ type: 'DELETE', old });
  }
});

test('V2: rows the server could not send whole are reported with their key, if it is there', async () => {
  const reported = async (name: string) => {
    const { heard } = await play(name);
    expect(heard.changes).toEqual([]);
    return heard.invalid.map(({ event, table, key, reason, issues }) => [event, table, key, reason, issues.map(({ message, path }) => path ?? message)]);
  };
  expect(await reported('an insert that is too large')).toEqual([['INSERT todos', 'todos', '2', 'server-error', ['Error 413: Payload Too Large']]]);
  expect(await reported('an update that is too large')).toEqual([['UPDATE todos', 'todos', '2', 'server-error', ['Error 413: Payload Too Large']]]);
  expect(await reported('an update without an unchanged large column')).toEqual([['UPDATE todos', 'todos', '1', 'incomplete', [['title']]]]);
  expect(await reported('a table without a primary key')).toEqual([['INSERT nopk', 'nopk', null, 'server-error', ['Error 400: Bad Request, no primary key']]]);
  expect(await reported('a table that may not be read')).toEqual([['INSERT todos', 'todos', null, 'server-error', ['Error 401: Unauthorized']]]);
});

test('V2: recorded broadcasts arrive as such, from clients, from the database and replayed', async () => {
  expect((await play('a broadcast')).heard.broadcasts).toEqual([{ event: 'shout', payload: { hello: 'world', n: 1 }, meta: {} }]);
  expect((await play('a replayed broadcast')).heard.broadcasts).toMatchObject([{ event: 'rp', payload: { i: 0 }, meta: { replayed: true } }]);
  expect((await play('a broadcast from the database')).heard.broadcasts).toMatchObject([{ event: 'evt', payload: { a: 1 }, meta: { id: '336e708e-847b-4e5a-8faf-49a59ae6b96c' } }]);
});

test('V2: recorded presence is who is there, and an update is an update', async () => {
  const { socket, heard } = await play('who is present');
  const present = (): unknown => [...(heard.presence.at(-1) ?? [])].map(([key, entries]) => [key, entries.map(({ state }) => state)]);
  expect(present()).toEqual([['alice', [{ n: 1, name: 'Alice' }]]]);
  const next = (name: string): void => { socket.feed(recordings.find((one) => one.name === name)?.frame ?? ''); };
  next('an update of presence');
  expect(present()).toEqual([['alice', [{ n: 2, name: 'Alice' }]]]);
  next('someone leaves');
  expect(present()).toEqual([]);
});

test('V2: a recorded system message is the state of its channel', async () => {
  expect((await play('the subscription stands', { confirms: false })).heard.states.map(({ status }) => status)).toEqual(['joining', 'live']);
  const { channel } = await play('the subscription is refused', { confirms: false });
  expect(channel.store.get()).toMatchObject({ error: { code: expect.stringMatching(/^channel\/subscription-/) as string } });
});

/** Frames that a channel of this topic takes, before something happens to them. */
const TOPIC = 'fuzzed';
const frames = recordings.flatMap(({ frame }) => {
  if (frame === undefined || frame.includes('"system"')) return [];
  const json = JSON.parse(frame) as unknown;
  return [Array.isArray(json) ? [null, null, `realtime:${TOPIC}`, ...(json.slice(3) as unknown[])] : { ...(json as object), topic: `realtime:${TOPIC}` }];
});
const anything = fc.oneof(fc.jsonValue({ depthSize: 'small' }), fc.constantFrom('INSERT', 'DELETE', 'id', '__proto__', 'constructor', 'metas', {}, [], -0, { toString: 1 }));
/** A change to a JSON value somewhere inside: replaced, left out, or added to. */
const mutation = fc.record({ path: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), kind: fc.constantFrom('replace', 'replace', 'remove', 'add'), value: anything, name: fc.constantFrom('ids', 'data', 'errors', 'joins', 'toString', '__proto__') });
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

function mutate(json: unknown, { path: [step = 0, ...path], kind, value, name }: Mutation): unknown {
  if (typeof json !== 'object' || json === null || Object.keys(json).length === 0) return value;
  const entries = Object.entries(json) as [string, unknown][];
  const at = step % entries.length;
  const [key = '', member] = entries[at] ?? [];
  // What frames are told apart by stays: the rest of a frame is what may be wrong with it.
  const kept = ['topic', 'event'].includes(key) || (Array.isArray(json) && (member === `realtime:${TOPIC}` || (typeof member === 'string' && member.startsWith('p'))));
  if (path.length > 0 || kept) entries[at] = [key, kept ? member : mutate(member, { path, kind, value, name })];
  else if (kind === 'remove' && !Array.isArray(json)) entries.splice(at, 1);
  else if (kind === 'add' && !Array.isArray(json)) entries.push([name, value]);
  else entries[at] = [key, value];
  return Array.isArray(json) ? entries.map(([, item]): unknown => item) : Object.fromEntries(entries);
}

/** A text with a piece cut out and another put in. */
const mangled = fc.tuple(fc.constantFrom(...frames), fc.nat(), fc.nat({ max: 5 }), fc.constantFrom('', '"', '\\', '{', ']', '9'.repeat(20), '\u0000', 'null')).map(([frame, at, length, put]) => {
  const text = JSON.stringify(frame);
  return text.slice(0, at % text.length) + put + text.slice((at % text.length) + length);
});
const mutated = fc.tuple(fc.constantFrom(...frames), fc.array(mutation, { minLength: 1, maxLength: 3 })).map(([frame, mutations]) => JSON.stringify(mutations.reduce<unknown>(mutate, frame)));
const foreign = fc.tuple(fc.constantFrom('postgres_changes', 'broadcast', 'presence_state', 'presence_diff', 'other'), anything).map(([event, payload]) => JSON.stringify([null, null, `realtime:${TOPIC}`, event, payload]));

/** What a frame must lead to: a change or a broadcast, or a report. */
function counts(text: string, ownRef: string): boolean {
  try {
    const json = JSON.parse(text) as Record<string, unknown>;
    const [joinRef, topic, event, payload] = Array.isArray(json) ? [json[0], json[2], json[3], json[4]] as unknown[] : [null, json['topic'], json['event'], json['payload']];
    return (typeof joinRef !== 'string' || joinRef === ownRef) && topic === `realtime:${TOPIC}` && (event === 'postgres_changes' || event === 'broadcast') && typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  } catch {
    return false;
  }
}

test('V1: whatever arrives, no exception escapes supabase-js or the SDK, and every change and broadcast is passed on or reported', async () => {
  const { socket, channel, heard } = await listen(TOPIC);
  const handled = (): number => heard.changes.length + heard.broadcasts.length + heard.invalid.filter(({ kind }) => kind !== 'presence').length;
  fc.assert(
    fc.property(fc.oneof(mangled, mutated, foreign, fc.json(), fc.string()), (text) => {
      const before = handled();
      socket.feed(text);
      expect(handled() - before).toBe(counts(text, socket.joinRef(TOPIC)) ? 1 : 0);
    }),
    { numRuns: deepRuns({ usual: 3_000, deep: 50_000 }) },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => { socket.feed(Uint8Array.from([4, ...bytes]).buffer); }), { numRuns: 500 });
  expect([channel.store.get().status, channel.invalidCount]).toEqual(['live', heard.invalid.length]);
}, 120_000);
