import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { RealtimeError } from '../src/index.ts';
import { closeReason, isUnknownReason, retryFloorMs, socketReason, type CloseSignal } from '../src/wire/closeReason.ts';

// Everything with which the real server ended a socket, a channel or a join in the recordings, and what is done about it.
type Remedy = 'retry' | 'back off' | 'refresh the token' | 'give up';

const JOINS: Record<string, Remedy> = {
  'ChannelRateLimitReached: Too many channels': 'back off',
  'ClientJoinRateLimitReached: Too many joins per second': 'back off',
  'ConnectionRateLimitReached: Too many connected users': 'back off',
  'InvalidJWTToken: Fields `role` and `exp` are required in JWT': 'give up',
  'InvalidJWTToken: Token has expired N seconds ago': 'refresh the token',
  'JwtSignatureError: Failed to validate JWT signature': 'give up',
  'MalformedJWT: The token provided is not a valid JWT': 'give up',
  'PrivateOnly: This project only allows private channels': 'give up',
  'TopicNameRequired: You must provide a topic name': 'give up',
  'UnableToReplayMessages: …': 'give up',
  'Unauthorized: You do not have permissions to read from this Channel topic: …': 'give up',
  // The server's own word for what it does not know.
  'UnknownErrorOnChannel: …': 'back off',
  'unmatched topic': 'give up',
};
const SUBSCRIPTIONS: Record<string, Remedy> = {
  'Column selection is not supported for wildcard subscriptions. Provide an explicit schema and table name.': 'give up',
  'Error parsing `filter` params: …': 'give up',
  'Error parsing `select` params: …': 'give up',
  'No subscription params provided. Please provide at least a `schema` or `table` to subscribe to: …': 'give up',
  'Unable to subscribe to changes with given parameters. An exception happened so please check your connect parameters: …': 'give up',
  // A table may be added to the publication, and the server does not say so.
  'Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: …': 'back off',
};
const CLOSES: Record<string, Remedy> = {
  ':signature_error': 'give up',
  'Client presence rate limit exceeded': 'back off',
  'Fields `role` and `exp` are required in JWT': 'give up',
  'The token provided is not a valid JWT': 'give up',
  'Token has expired N seconds ago': 'refresh the token',
  'Too many messages per second': 'back off',
  'Track message size exceeded': 'give up',
  'You do not have permissions to read from this Channel topic: …': 'give up',
};
/** The connection's own backoff waits for sockets, whatever the code. */
const SOCKETS: Record<number, Remedy> = { 1000: 'retry', 1001: 'retry', 1005: 'retry', 1006: 'retry', 1009: 'retry', 1012: 'retry', 4000: 'retry' };
const CRASHES: Record<string, Remedy> = { channel_crash: 'retry' };

interface Recorded {
  readonly joins: Set<string>;
  readonly subscriptions: Set<string>;
  readonly closes: Set<string>;
  readonly crashes: Set<string>;
  readonly sockets: Set<number>;
}

/** What differs from one channel to the next is left out. */
const shape = (text: string): string =>
  text
    .replace(/\d+ seconds/, 'N seconds')
    .replace(/^(UnableToReplayMessages|UnknownErrorOnChannel): [^]*/, '$1: …')
    .replace(/((?:Channel topic|params|to subscribe to|connect parameters): )[^]*/, '$1…');

function readRecordings(): Recorded {
  const found: Recorded = { joins: new Set(), subscriptions: new Set(), closes: new Set(), crashes: new Set(), sockets: new Set() };
  const folder = new URL('../../devserver/conformance/recordings/', import.meta.url);
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.jsonl'))) {
    const joins = new Set<string>();
    for (const line of readFileSync(new URL(name, folder), 'utf8').split('\n')) note(line, joins, found);
  }
  return found;
}

/** Takes one line of a recording; `joins` are the refs of the joins sent so far. */
function note(line: string, joins: Set<string>, found: Recorded): void {
  const { dir, conn, event: kind, code, frame } = (line === '' ? {} : JSON.parse(line)) as Record<string, unknown>;
  if (kind === 'close' && dir === 'in') found.sockets.add(Number(code));
  if (typeof frame !== 'string' || kind !== undefined) return;
  const { ref, event, payload } = decode(frame);
  const reply = `${String(conn)} ${String(ref)}`;
  if (dir === 'out' && event === 'phx_join') joins.add(reply);
  if (dir !== 'in' || typeof payload !== 'object' || payload === null) return;
  const { status, response, extension, message, reason } = payload as Record<string, unknown>;
  if (event === 'phx_reply' && status === 'error' && joins.has(reply)) found.joins.add(shape(String((response as { reason?: unknown }).reason)));
  if (event === 'system' && status === 'error') (extension === 'postgres_changes' ? found.subscriptions : found.closes).add(shape(String(message)));
  if (event === 'phx_error') found.crashes.add(String(reason));
}

function decode(frame: string): Record<'ref' | 'event' | 'payload', unknown> {
  try {
    const json = JSON.parse(frame) as unknown;
    if (!Array.isArray(json)) return { ref: undefined, event: undefined, payload: undefined, ...(json as object) };
    const [, ref, , event, payload] = json as unknown[];
    return { ref, event, payload };
  } catch {
    return { ref: undefined, event: undefined, payload: undefined }; // one of those that a client has to survive
  }
}

function remedyFor(error: RealtimeError): Remedy {
  if (!error.retryable) return 'give up';
  if (error.code === 'auth/token-expired') return 'refresh the token'; // every join asks for the token first
  return retryFloorMs(error) > 0 ? 'back off' : 'retry';
}
const text = (shaped: string): string => shaped.replace('N seconds', '12 seconds').replace('An exception happened so please check your connect parameters: …', '$&]. Exception: ERROR P0001 (raise_exception)');

describe('C3: everything that the server was recorded to end something with has its remedy', () => {
  const recorded = readRecordings();
  const kinds: readonly (readonly [string, ReadonlySet<string | number>, Record<string, Remedy>, (of: string) => CloseSignal])[] = [
    ['a refused join', recorded.joins, JOINS, (reason) => ({ kind: 'join-rejected', reason: text(reason) })],
    ['a refused subscription', recorded.subscriptions, SUBSCRIPTIONS, (message) => ({ kind: 'subscription-error', message: text(message) })],
    ['a closed channel', recorded.closes, CLOSES, (message) => ({ kind: 'closed', message: text(message) })],
    ['a crashed channel', recorded.crashes, CRASHES, (reason) => ({ kind: 'crashed', reason })],
    ['a closed socket', recorded.sockets, SOCKETS, (code) => ({ kind: 'socket-lost', code: Number(code) })],
  ];
  for (const [what, found, expected, signal] of kinds) {
    test(`${what}: the recordings have these and no others`, () => {
      expect([...found].map(String).sort()).toEqual(Object.keys(expected).sort());
    });
    for (const [reason, remedy] of Object.entries(expected)) {
      test(`${what}: ${reason}`, () => {
        expect(remedyFor(closeReason(signal(reason), 'room'))).toBe(remedy);
        expect(isUnknownReason(signal(reason))).toBe(reason.startsWith('UnknownErrorOnChannel'));
      });
    }
  }
});

test('C3: a reason that nobody knows is told as such, and tried again', () => {
  const signals: CloseSignal[] = [{ kind: 'join-rejected', reason: 'FullMoon: x' }, { kind: 'closed', message: 'The moon is full' }, { kind: 'subscription-error', message: 'The moon is full' }];
  for (const signal of signals) expect([isUnknownReason(signal), closeReason(signal, 'room').retryable]).toEqual([true, true]);
  expect(isUnknownReason({ kind: 'closed', message: null })).toBe(false);
});

test('C3: a code 1000 from the server is no wish to stay away', () => {
  for (const code of [1000, 1001, 1005, 1011, 4000, null]) expect(socketReason(code).retryable).toBe(true);
});
