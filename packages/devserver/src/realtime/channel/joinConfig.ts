import { sliceArray, sliceObject } from '../codec/jsonSlices.ts';
import type { Payload } from '../codec/message.ts';
import type { ReplayRequest } from '../broadcast/messageHistory.ts';
import { JoinRefused } from './joinRefused.ts';

/** One entry of `postgres_changes` of a join. */
export interface RequestedBinding {
  /** The object as sent, parsed. */
  value: Record<string, unknown>;
  /** Its text as sent, for the echo in the reply. */
  json: string;
}

/** What a client asked for when it joined. */
export interface JoinConfig {
  isPrivate: boolean;
  self: boolean;
  ack: boolean;
  replicationReady: boolean;
  replay: ReplayRequest | 'invalid' | null;
  presenceEnabled: boolean;
  /** `null` when the server has to make one up. */
  presenceKey: string | null;
  bindings: RequestedBinding[];
  /** A token of the client's own; `null` to use the socket's API key. */
  accessToken: string | null;
}

type JsonObject = Record<string, unknown>;

/**
 * Reads the payload of a `phx_join` as leniently as the real server: missing keys and `null` mean defaults, booleans
 * may be strings, anything else is false. A payload without `config` is the old API: the topic names schema, table
 * and filter.
 * @throws JoinRefused for a string where an object belongs.
 */
export function readJoinConfig(payload: Payload, topic: string): JoinConfig {
  const params = payload.kind === 'json' ? asObject(payload.value) : {};
  const config = asObject(params.config);
  const broadcast = asObject(config.broadcast);
  const presence = asObject(config.presence);
  return {
    isPrivate: isTrue(config.private),
    self: isTrue(broadcast.self),
    ack: isTrue(broadcast.ack),
    replicationReady: isTrue(broadcast.replication_ready),
    replay: readReplay(broadcast.replay),
    presenceEnabled: isTrue(presence.enabled),
    presenceKey: readKey(presence.key),
    bindings: 'config' in params && payload.kind === 'json' ? readBindings(config, payload.json) : bindingsOfTopic(topic),
    accessToken: usableToken(params.access_token),
  };
}

/** A token that counts: not absent, not of another type, not one of the new API keys, which are no JWTs. */
export function usableToken(value: unknown): string | null {
  return typeof value === 'string' && !value.startsWith('sb_') ? value : null;
}

function asObject(value: unknown): JsonObject {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as JsonObject; // true: JSON objects have string keys
  throw new JoinRefused('UnknownErrorOnChannel: no function clause matching in Access.get/3');
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

function readKey(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

function readReplay(value: unknown): JoinConfig['replay'] {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object' || !('since' in value) || !Number.isInteger(value.since)) return 'invalid';
  const limit = 'limit' in value ? value.limit : null;
  if (limit !== null && !Number.isInteger(limit)) return 'invalid';
  return { since: value.since as number, limit: limit as number | null }; // true by the checks above
}

function readBindings(config: JsonObject, json: string): RequestedBinding[] {
  if (!Array.isArray(config.postgres_changes)) return [];
  const values: readonly unknown[] = config.postgres_changes;
  const texts = sliceArray(sliceObject(sliceObject(json)?.get('config') ?? '')?.get('postgres_changes') ?? '') ?? [];
  return values.flatMap((value, index) => {
    if (value === null) return [];
    if (typeof value !== 'object' || Array.isArray(value)) {
      throw new JoinRefused(`UnknownErrorOnChannel: expected a map, got:\n\n    ${JSON.stringify(value)}\n`);
    }
    return [{ value: value as JsonObject, json: texts[index] ?? '{}' }]; // true: a JSON object, as just checked
  });
}

/** `realtime:schema:table:filter`, of which table and filter may be missing. */
function bindingsOfTopic(topic: string): RequestedBinding[] {
  const [schema, table, ...filter] = topic.slice('realtime:'.length).split(':');
  const value = {
    ...(filter.length > 0 ? { filter: filter.join(':') } : {}),
    schema,
    ...(table === undefined ? {} : { table }),
  };
  return [{ value, json: JSON.stringify(value) }];
}
