import { expect, test } from 'vitest';
import type { ErrorCode } from '../errors.ts';
import { closeReason, retryFloorMs, socketReason, type CloseSignal } from './closeReason.ts';

// The texts of Supabase Realtime 2.129, as recorded.
const joins: readonly (readonly [string, ErrorCode])[] = [
  ['Unauthorized: You do not have permissions to read from this Channel topic: priv-none', 'channel/forbidden'],
  ['PrivateOnly: This project only allows private channels', 'channel/forbidden'],
  ['InvalidJWTToken: Token has expired 17 seconds ago', 'auth/token-expired'],
  ['InvalidJWTToken: Fields `role` and `exp` are required in JWT', 'auth/token-invalid'],
  ['MalformedJWT: The token provided is not a valid JWT', 'auth/token-invalid'],
  ['JwtSignatureError: Failed to validate JWT signature', 'auth/token-invalid'],
  ['TopicNameRequired: You must provide a topic name', 'channel/bad-topic'],
  ['unmatched topic', 'channel/bad-topic'],
  ['UnableToReplayMessages: Replay params are not valid', 'channel/bad-topic'],
  ['ChannelRateLimitReached: Too many channels', 'channel/too-many-channels'],
  ['ConnectionRateLimitReached: Too many connected users', 'channel/rate-limited'],
  ['ClientJoinRateLimitReached: Too many joins per second', 'channel/rate-limited'],
  ['UnknownErrorOnChannel: no function clause matching in Access.get/3', 'channel/join-rejected'],
];
const closes: readonly (readonly [string | null, ErrorCode])[] = [
  ['Token has expired 3 seconds ago', 'auth/token-expired'],
  ['The token provided is not a valid JWT', 'auth/token-invalid'],
  ['Fields `role` and `exp` are required in JWT', 'auth/token-invalid'],
  [':signature_error', 'auth/token-invalid'],
  ['You do not have permissions to read from this Channel topic: priv-all-t', 'channel/forbidden'],
  ['Too many messages per second', 'channel/rate-limited'],
  ['Client presence rate limit exceeded', 'channel/presence-rate-limited'],
  ['Track message size exceeded', 'channel/presence-too-large'],
  ['something new', 'channel/closed'],
  [null, 'channel/closed'],
];
const unable = 'Unable to subscribe to changes with given parameters. ';
const subscriptions: readonly (readonly [string, ErrorCode])[] = [
  [`${unable}An exception happened so please check your connect parameters: [event: *, schema: public, table: todos, filters: [\n  {"id", "eq", "abc", false}], select: nil]. Exception: ERROR 22P02 (invalid_text_representation) invalid input syntax`, 'channel/subscription-invalid'],
  [`${unable}An exception happened so please check your connect parameters: [event: *]. Exception: ERROR P0001 (raise_exception) invalid column for filter nope`, 'channel/subscription-invalid'],
  [`${unable}An exception happened so please check your connect parameters: [event: *]. Exception: ERROR 42704 (undefined_object) role "nosuchrole" does not exist`, 'channel/subscription-invalid'],
  [`${unable}An exception happened so please check your connect parameters: [event: *]. Exception: ERROR 57P01 (admin_shutdown)`, 'channel/subscription-failed'],
  [`${unable}Please check Realtime is enabled for the given connect parameters: [event: *, schema: public, table: t]`, 'channel/subscription-failed'],
  ['No subscription params provided. Please provide at least a `schema` or `table` to subscribe to: %{}', 'channel/subscription-invalid'],
  ['Error parsing `filter` params: ["foo"]', 'channel/subscription-invalid'],
  ['Column selection is not supported for wildcard subscriptions. Provide an explicit schema and table name.', 'channel/subscription-invalid'],
];
const cases: readonly (readonly [CloseSignal, ErrorCode])[] = [
  ...joins.map(([reason, code]) => [{ kind: 'join-rejected', reason }, code] as const),
  ...closes.map(([message, code]) => [{ kind: 'closed', message }, code] as const),
  ...subscriptions.map(([message, code]) => [{ kind: 'subscription-error', message }, code] as const),
  [{ kind: 'crashed', reason: 'channel_crash' }, 'channel/crashed'],
  [{ kind: 'join-timeout' }, 'channel/join-timeout'],
  [{ kind: 'socket-lost', code: 1012 }, 'connection/server-restart'],
  [{ kind: 'socket-lost', code: 1006 }, 'connection/lost'],
  [{ kind: 'socket-lost', code: 1000 }, 'connection/closed'],
];

test.each(cases)('C3: %j is %s', (signal, code) => {
  expect(closeReason(signal, 'a-topic')).toMatchObject({ code });
});

test('C3: what the app or the user must change is not retried; what passes is, with patience where the server asked for it', () => {
  const of = (reason: string) => closeReason({ kind: 'join-rejected', reason }, 'x');
  expect(of('Unauthorized: no').retryable).toBe(false);
  expect(of('InvalidJWTToken: Token has expired 1 seconds ago').retryable).toBe(true);
  expect(retryFloorMs(of('ClientJoinRateLimitReached: Too many joins per second'))).toBeGreaterThanOrEqual(5_000);
  expect(retryFloorMs(socketReason(1012))).toBe(0);
});

test('a socket that never opened was refused', () => {
  expect(socketReason(1006, false).code).toBe('connection/refused');
});
